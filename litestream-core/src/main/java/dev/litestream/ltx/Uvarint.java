package dev.litestream.ltx;

import java.io.IOException;

/**
 * Variable-length integers of the page index: 7 bits per byte, lowest first, the top bit
 * meaning that more follow.
 */
final class Uvarint {

	/** The most bytes that a value can need. */
	static final int MAX_SIZE = 10;

	private Uvarint() {
	}

	/**
	 * Writes an unsigned value at an offset of an array with room for {@link #MAX_SIZE}.
	 * Returns where it ends.
	 */
	static int put(byte[] bytes, int offset, long value) {
		int i = offset;
		long rest = value;
		while ((rest & ~0x7FL) != 0) {
			bytes[i++] = (byte) (rest | 0x80);
			rest >>>= 7;
		}
		bytes[i++] = (byte) rest;
		return i;
	}

	/**
	 * Reads an unsigned value. Throws {@link CorruptLtxException} if it needs more than
	 * 64 bits.
	 */
	static long read(LtxInput in) throws IOException {
		long value = 0;
		for (int shift = 0; shift < 70; shift += 7) {
			in.require(1);
			int digit = in.byteAt(0);
			in.skip(1);
			value |= (digit & 0x7FL) << shift;
			// The tenth digit has room for one bit.
			if (digit < 0x80 && (shift < 63 || digit < 2)) {
				return value;
			}
		}
		throw in.corrupt("an index entry is not valid");
	}

}
