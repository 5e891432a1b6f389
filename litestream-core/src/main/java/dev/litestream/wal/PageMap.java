package dev.litestream.wal;

/**
 * For each page the offset of its newest committed frame. Two primitive arrays, no page
 * bytes. Not safe for several threads.
 */
public final class PageMap {

	/** Offset of the newest frame's header of a page, or -1. */
	public long offset(long pgno) {
		throw new UnsupportedOperationException();
	}

	public void put(long pgno, long offset) {
		throw new UnsupportedOperationException();
	}

	/** Number of pages. */
	public int size() {
		throw new UnsupportedOperationException();
	}

	/** Drops pages beyond the size of the database. */
	public void truncate(long commit) {
		throw new UnsupportedOperationException();
	}

	/** Adds another map's entries, which win. */
	public void putAll(PageMap newer) {
		throw new UnsupportedOperationException();
	}

	public void clear() {
		throw new UnsupportedOperationException();
	}

	/** The page numbers in ascending (unsigned) order, as int bits. */
	public int[] sortedPages() {
		throw new UnsupportedOperationException();
	}

}
