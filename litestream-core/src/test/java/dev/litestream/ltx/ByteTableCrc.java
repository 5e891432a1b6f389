package dev.litestream.ltx;

/**
 * CRC-64/GO-ISO by the book, one byte at a time.
 */
final class ByteTableCrc {

	private static final long[] TABLE = new long[256];

	static {
		for (int i = 0; i < 256; i++) {
			long crc = i;
			for (int bit = 0; bit < 8; bit++) {
				crc = ((crc & 1) != 0) ? (crc >>> 1) ^ 0xD800000000000000L : crc >>> 1;
			}
			TABLE[i] = crc;
		}
	}

	private long state = -1;

	void update(byte[] bytes, int offset, int length) {
		for (int i = offset; i < offset + length; i++) {
			this.state = TABLE[(int) (this.state ^ bytes[i]) & 0xFF] ^ (this.state >>> 8);
		}
	}

	long value() {
		return ~this.state;
	}

	static long of(byte[] bytes, int offset, int length) {
		ByteTableCrc crc = new ByteTableCrc();
		crc.update(bytes, offset, length);
		return crc.value();
	}

}
