package dev.litestream.ltx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The checksum of LTX files: CRC-64/GO-ISO (polynomial 0x1B, reflected, initial value and
 * final exclusive-or all ones; "123456789" gives {@code b90956c775a41001}). Not
 * thread-safe.
 */
public final class Crc64 {

	/*
	 * No tables: the polynomial is sparse, x^64 = x^4 + x^3 + x + 1 = (x + 1)(x^3 + 1),
	 * and multiplying by x^64 takes a few shifts. Squaring twice keeps four terms, x^256
	 * = x^16 + x^12 + x^4 + 1 = (x^4 + 1)(x^12 + 1), and lets four words be folded
	 * independently of each other. Words are reflected: bit i stands for x^(63-i), a
	 * right shift multiplies by x, and a left shift by 64-k isolates what multiplying by
	 * x^k pushes beyond x^63; that part is multiplied by x^64 in turn.
	 */

	private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

	/** The reflected polynomial: what x^64 is equal to. */
	private static final long POLYNOMIAL = 0xD800000000000000L;

	/** x^8, x^16, x^32 and so on, each the square of the one before. */
	private static final long[] SQUARES = new long[31];

	static {
		SQUARES[0] = 1L << (63 - 8);
		for (int i = 1; i < SQUARES.length; i++) {
			SQUARES[i] = times(SQUARES[i - 1], SQUARES[i - 1]);
		}
	}

	private long state = -1;

	/**
	 * Starts afresh.
	 */
	public void reset() {
		this.state = -1;
	}

	/**
	 * The checksum of the bytes so far; more may follow.
	 * @return the checksum
	 */
	public long value() {
		return ~this.state;
	}

	/**
	 * Adds bytes.
	 * @param bytes holds them
	 * @param offset index of the first
	 * @param length how many
	 */
	public void update(byte[] bytes, int offset, int length) {
		int i = offset;
		int end = offset + length;
		long crc = this.state;
		if (length >= 64) {
			long a = crc;
			long b = 0;
			long c = 0;
			long d = 0;
			for (int last = end - 63; i < last; i += 32) {
				a = timesX256(a ^ (long) LONG.get(bytes, i));
				b = timesX256(b ^ (long) LONG.get(bytes, i + 8));
				c = timesX256(c ^ (long) LONG.get(bytes, i + 16));
				d = timesX256(d ^ (long) LONG.get(bytes, i + 24));
			}
			crc = timesX64(a ^ (long) LONG.get(bytes, i));
			crc = timesX64(crc ^ b ^ (long) LONG.get(bytes, i + 8));
			crc = timesX64(crc ^ c ^ (long) LONG.get(bytes, i + 16));
			crc = timesX64(crc ^ d ^ (long) LONG.get(bytes, i + 24));
			i += 32;
		}
		for (; i < end - 7; i += 8) {
			crc = timesX64(crc ^ (long) LONG.get(bytes, i));
		}
		for (; i < end; i++) {
			crc ^= bytes[i] & 0xFF;
			crc = (crc >>> 8) ^ timesX64(crc << 56);
		}
		this.state = crc;
	}

	/**
	 * Adds a block whose own checksum is known, without reading it again.
	 * @param checksum the checksum of the block alone
	 * @param length its length in bytes: a power of two
	 */
	public void append(long checksum, int length) {
		// The checksum is linear: what was there is pushed on by as many bits, and the
		// initial value that the block's checksum began with is taken out again.
		this.state = times(~this.state, SQUARES[Integer.numberOfTrailingZeros(length)]) ^ ~checksum;
	}

	/** The product of two polynomials. */
	private static long times(long a, long b) {
		long product = 0;
		long shifted = b;
		for (int i = 63; i >= 0; i--) {
			product ^= shifted & -(a >>> i & 1);
			shifted = (shifted >>> 1) ^ (POLYNOMIAL & -(shifted & 1));
		}
		return product;
	}

	private static long timesX64(long word) {
		long sum = word ^ (word << 63) ^ (word << 61) ^ (word << 60);
		sum ^= sum >>> 1;
		return sum ^ (sum >>> 3);
	}

	private static long timesX256(long word) {
		long beyond = (word << 60) ^ (word << 52) ^ (word << 48);
		beyond ^= beyond >>> 1;
		long sum = word ^ (word >>> 4);
		return sum ^ (sum >>> 12) ^ beyond ^ (beyond >>> 3);
	}

}
