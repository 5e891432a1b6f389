package dev.litestream.wal;

import org.jspecify.annotations.Nullable;

/**
 * The 32-byte header of a WAL.
 *
 * @param bigEndianChecksum whether checksum words are big-endian (magic 0x377f0683)
 * @param pageSize page size, in bytes
 * @param sequence checkpoint sequence number
 * @param salt1 first salt
 * @param salt2 second salt
 * @param checksum1 first half of the header's checksum
 * @param checksum2 second half of the header's checksum
 */
public record WalHeader(boolean bigEndianChecksum, int pageSize, int sequence, int salt1, int salt2, int checksum1,
		int checksum2) {

	/** Size of the header, in bytes. */
	public static final int SIZE = 32;

	/**
	 * Parses a header.
	 * @param bytes holds the header
	 * @param length number of valid bytes
	 * @return the header, or {@code null} if it is short, torn or not a WAL header
	 */
	public static @Nullable WalHeader parse(byte[] bytes, int length) {
		throw new UnsupportedOperationException();
	}

	/**
	 * The place of the first frame.
	 * @return the position behind this header
	 */
	public WalPosition start() {
		return new WalPosition(this.salt1, this.salt2, SIZE, this.checksum1, this.checksum2);
	}

	public int frameSize() {
		return 24 + this.pageSize;
	}

}
