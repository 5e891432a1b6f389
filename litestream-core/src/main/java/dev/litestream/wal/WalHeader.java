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

	private static final int SUMMED_SIZE = 24;

	private static final int MAGIC_LITTLE_ENDIAN = 0x377f0682;

	private static final int MAGIC_BIG_ENDIAN = 0x377f0683;

	private static final int VERSION = 3007000;

	/**
	 * Parses a header.
	 * @param bytes holds the header
	 * @param length number of valid bytes
	 * @return the header, or {@code null} if it is short, torn or not a WAL header
	 */
	public static @Nullable WalHeader parse(byte[] bytes, int length) {
		if (length < SIZE) {
			return null;
		}
		int magic = field(bytes, 0);
		if ((magic != MAGIC_LITTLE_ENDIAN && magic != MAGIC_BIG_ENDIAN) || field(bytes, 4) != VERSION) {
			return null;
		}
		int pageSize = field(bytes, 8);
		if (pageSize < 512 || pageSize > 65536 || Integer.bitCount(pageSize) != 1) {
			return null;
		}
		WalHeader header = new WalHeader(magic == MAGIC_BIG_ENDIAN, pageSize, field(bytes, 12), field(bytes, 16),
				field(bytes, 20), field(bytes, 24), field(bytes, 28));
		WalChecksum checksum = new WalChecksum(header.bigEndianChecksum);
		checksum.update(bytes, 0, SUMMED_SIZE);
		return checksum.matches(header.checksum1, header.checksum2) ? header : null;
	}

	private static int field(byte[] bytes, int offset) {
		return (int) WalFrame.FIELD.get(bytes, offset);
	}

	/**
	 * The place of the first frame.
	 * @return the position behind this header
	 */
	public WalPosition start() {
		return new WalPosition(this.salt1, this.salt2, SIZE, this.checksum1, this.checksum2);
	}

	/**
	 * The size of each frame: its header and a page.
	 * @return the size, in bytes
	 */
	public int frameSize() {
		return WalFrame.HEADER_SIZE + this.pageSize;
	}

	/**
	 * Whether an offset in bytes is the start of the log or a place between two frames.
	 */
	boolean isFrameBoundary(long offset) {
		return offset >= SIZE && (offset - SIZE) % frameSize() == 0;
	}

}
