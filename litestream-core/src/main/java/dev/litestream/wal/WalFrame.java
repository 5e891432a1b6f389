package dev.litestream.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The fields of a frame's header, read in place: a scan looks at too many frames to make
 * an object of each.
 */
final class WalFrame {

	/** Size of a frame's header, in bytes; the page follows. */
	static final int HEADER_SIZE = 24;

	/** How many bytes of the header the checksum covers. */
	static final int SUMMED_SIZE = 8;

	/** Fields are big-endian whatever the byte order of the checksum. */
	static final VarHandle FIELD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

	private WalFrame() {
	}

	static int pgno(byte[] bytes, int frame) {
		return (int) FIELD.get(bytes, frame);
	}

	static int commit(byte[] bytes, int frame) {
		return (int) FIELD.get(bytes, frame + 4);
	}

	static int salt1(byte[] bytes, int frame) {
		return (int) FIELD.get(bytes, frame + 8);
	}

	static int salt2(byte[] bytes, int frame) {
		return (int) FIELD.get(bytes, frame + 12);
	}

	static boolean hasSalts(byte[] bytes, int frame, WalHeader header) {
		return salt1(bytes, frame) == header.salt1() && salt2(bytes, frame) == header.salt2();
	}

	static int checksum1(byte[] bytes, int frame) {
		return (int) FIELD.get(bytes, frame + 16);
	}

	static int checksum2(byte[] bytes, int frame) {
		return (int) FIELD.get(bytes, frame + 20);
	}

}
