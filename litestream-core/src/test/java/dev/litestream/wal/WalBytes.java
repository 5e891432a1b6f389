package dev.litestream.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A WAL in memory, read and rewritten by a second, slow implementation of the format.
 */
final class WalBytes {

	private WalBytes() {
	}

	/** The sums over all bytes of a range. */
	static int[] checksum(byte[] bytes, int offset, int length, ByteOrder order, int[] seed) {
		ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length).order(order);
		int s1 = seed[0];
		int s2 = seed[1];
		while (buffer.hasRemaining()) {
			s1 = s1 + buffer.getInt() + s2;
			s2 = s2 + buffer.getInt() + s1;
		}
		return new int[] { s1, s2 };
	}

	/** Computes all checksums of a WAL again, in the byte order that its magic names. */
	static byte[] sealed(byte[] wal) {
		byte[] result = wal.clone();
		ByteBuffer fields = ByteBuffer.wrap(result);
		ByteOrder order = ((fields.getInt(0) & 1) == 1) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
		int[] sums = checksum(result, 0, 24, order, new int[2]);
		fields.putInt(24, sums[0]).putInt(28, sums[1]);
		int pageSize = fields.getInt(8);
		for (int frame = 32; pageSize > 0 && frame + 24 + pageSize <= result.length; frame += 24 + pageSize) {
			sums = checksum(result, frame, 8, order, sums);
			sums = checksum(result, frame + 24, pageSize, order, sums);
			fields.putInt(frame + 16, sums[0]).putInt(frame + 20, sums[1]);
		}
		return result;
	}

	/** A WAL with one field set and all checksums right. */
	static byte[] with(byte[] wal, int offset, int value) {
		byte[] result = wal.clone();
		ByteBuffer.wrap(result).putInt(offset, value);
		return sealed(result);
	}

	static byte[] flipped(byte[] wal, int offset, int mask) {
		byte[] result = wal.clone();
		result[offset] ^= (byte) mask;
		return result;
	}

}
