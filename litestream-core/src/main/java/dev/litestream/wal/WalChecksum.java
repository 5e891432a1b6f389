package dev.litestream.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The running checksum of a WAL, as described in the package documentation. Not
 * thread-safe.
 */
final class WalChecksum {

	private static final VarHandle LITTLE_ENDIAN = MethodHandles.byteArrayViewVarHandle(int[].class,
			ByteOrder.LITTLE_ENDIAN);

	private static final VarHandle BIG_ENDIAN = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

	private final boolean bigEndian;

	private int first;

	private int second;

	WalChecksum(boolean bigEndian) {
		this(bigEndian, 0, 0);
	}

	/**
	 * Starts from the two halves of a known checksum, for words in a byte order.
	 */
	WalChecksum(boolean bigEndian, int first, int second) {
		this.bigEndian = bigEndian;
		this.first = first;
		this.second = second;
	}

	/**
	 * Adds bytes; their number is a multiple of 8.
	 */
	void update(byte[] bytes, int offset, int length) {
		// one loop per byte order: the handle must be a constant for the compiler
		if (this.bigEndian) {
			updateBigEndian(bytes, offset, length);
		}
		else {
			updateLittleEndian(bytes, offset, length);
		}
	}

	private void updateLittleEndian(byte[] bytes, int offset, int length) {
		int s1 = this.first;
		int s2 = this.second;
		for (int i = offset, end = offset + length; i < end; i += 8) {
			s1 += (int) LITTLE_ENDIAN.get(bytes, i) + s2;
			s2 += (int) LITTLE_ENDIAN.get(bytes, i + 4) + s1;
		}
		this.first = s1;
		this.second = s2;
	}

	private void updateBigEndian(byte[] bytes, int offset, int length) {
		int s1 = this.first;
		int s2 = this.second;
		for (int i = offset, end = offset + length; i < end; i += 8) {
			s1 += (int) BIG_ENDIAN.get(bytes, i) + s2;
			s2 += (int) BIG_ENDIAN.get(bytes, i + 4) + s1;
		}
		this.first = s1;
		this.second = s2;
	}

	int first() {
		return this.first;
	}

	int second() {
		return this.second;
	}

	boolean matches(int first, int second) {
		return this.first == first && this.second == second;
	}

}
