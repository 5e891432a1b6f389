package dev.litestream.ltx;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * What is known of the pages of an LTX file that was just written, without reading it
 * again: the checksum of each, and the beginning of the first one. Not thread-safe while
 * pages are added; 12 bytes for each page.
 */
public final class PageSums {

	/** The prefix of the first page that is kept: SQLite's header. */
	private static final int FIRST = 100;

	/** Larger files are read again: 3 MB of memory. */
	private static final int MOST = 1 << 18;

	private int[] pages = new int[8];

	private long[] sums = new long[8];

	private int count;

	private byte @Nullable [] first;

	private final LtxHeader header;

	private long fileChecksum;

	private boolean incomplete;

	PageSums(LtxHeader header) {
		this.header = header;
	}

	void add(long pgno, long sum, byte[] page, int offset) {
		if (this.count == MOST) {
			this.incomplete = true;
			return;
		}
		if (this.count == this.pages.length) {
			this.pages = Arrays.copyOf(this.pages, 2 * this.count);
			this.sums = Arrays.copyOf(this.sums, 2 * this.count);
		}
		if (pgno == 1) {
			this.first = Arrays.copyOfRange(page, offset, offset + FIRST);
		}
		this.pages[this.count] = (int) pgno;
		this.sums[this.count++] = sum;
	}

	boolean isIncomplete() {
		return this.incomplete;
	}

	void finish(long fileChecksum) {
		this.fileChecksum = fileChecksum;
	}

	/**
	 * The header of the file.
	 * @return the header
	 */
	public LtxHeader header() {
		return this.header;
	}

	/**
	 * The checksum of the file.
	 * @return its trailer's checksum
	 */
	public long fileChecksum() {
		return this.fileChecksum;
	}

	/**
	 * How many pages it holds.
	 * @return the number
	 */
	public int count() {
		return this.count;
	}

	/**
	 * The number of a page.
	 * @param index from 0 on, in ascending order of the pages
	 * @return its page number
	 */
	public long pgno(int index) {
		return Integer.toUnsignedLong(this.pages[index]);
	}

	/**
	 * The checksum of a page.
	 * @param index from 0 on
	 * @return its CRC-64
	 */
	public long sum(int index) {
		return this.sums[index];
	}

	/**
	 * The first 100 bytes of the first page.
	 * @return the bytes, or {@code null} if the file does not hold that page
	 */
	public byte @Nullable [] first() {
		return this.first;
	}

}
