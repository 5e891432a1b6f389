package dev.litestream.wal;

import java.util.Arrays;
import java.util.Locale;

/**
 * For each page the offset of its newest committed frame. Two primitive arrays, no page
 * bytes. Page numbers run from 1 to 2<sup>32</sup>-1. Not thread-safe.
 */
public final class PageMap {

	// Open addressing with linear probing, at most half full. Keys are the unsigned bits
	// of
	// page numbers; 0, which is no page, marks a free slot.

	private static final int INITIAL_CAPACITY = 64;

	/** Tables up to this size survive {@link #clear()}. */
	private static final int RETAINED_CAPACITY = 1 << 14;

	private static final int MAXIMUM_CAPACITY = 1 << 30;

	private int[] pages = new int[INITIAL_CAPACITY];

	private long[] offsets = new long[INITIAL_CAPACITY];

	private int size;

	/**
	 * The newest frame of a page.
	 * @param pgno the page number
	 * @return the offset of the frame's header, or -1 if the page is not in the map
	 */
	public long offset(long pgno) {
		if (!isPage(pgno)) {
			return -1;
		}
		int slot = slot(this.pages, (int) pgno);
		return (this.pages[slot] != 0) ? this.offsets[slot] : -1;
	}

	/**
	 * Enters a frame, in place of an older one of the same page.
	 * @param pgno the page number, from 1 to 2<sup>32</sup>-1
	 * @param offset the offset of the frame's header, not negative
	 * @throws IllegalArgumentException if an argument is out of range
	 */
	public void put(long pgno, long offset) {
		if (!isPage(pgno) || offset < 0) {
			throw new IllegalArgumentException(
					String.format(Locale.ROOT, "Page %d at offset %d is out of range", pgno, offset));
		}
		ensureCapacity(this.size + 1);
		set((int) pgno, offset);
	}

	/**
	 * Number of pages.
	 * @return the number
	 */
	public int size() {
		return this.size;
	}

	/**
	 * Drops pages beyond the size of the database.
	 * @param commit size of the database, in pages
	 */
	public void truncate(long commit) {
		int kept = 0;
		for (int page : this.pages) {
			if (page != 0 && Integer.toUnsignedLong(page) <= commit) {
				kept++;
			}
		}
		if (kept == this.size) {
			return;
		}
		// taking keys out of probe chains is harder than building a new table
		int[] oldPages = this.pages;
		long[] oldOffsets = this.offsets;
		allocate(capacityFor(kept));
		for (int i = 0; i < oldPages.length; i++) {
			if (oldPages[i] != 0 && Integer.toUnsignedLong(oldPages[i]) <= commit) {
				set(oldPages[i], oldOffsets[i]);
			}
		}
	}

	/**
	 * Adds another map's entries, which win.
	 * @param newer the other map
	 */
	public void putAll(PageMap newer) {
		int[] newerPages = newer.pages;
		long[] newerOffsets = newer.offsets;
		// before the loop: keys come in hash order and would pile up in a table that has
		// yet to grow
		ensureCapacity(this.size + newer.size);
		for (int i = 0; i < newerPages.length; i++) {
			if (newerPages[i] != 0) {
				set(newerPages[i], newerOffsets[i]);
			}
		}
	}

	/** Drops all pages, and the memory of a large map. */
	public void clear() {
		if (this.pages.length > RETAINED_CAPACITY) {
			allocate(INITIAL_CAPACITY);
		}
		else {
			Arrays.fill(this.pages, 0);
			this.size = 0;
		}
	}

	/**
	 * The page numbers in ascending (unsigned) order, as int bits.
	 * @return a new array
	 */
	public int[] sortedPages() {
		int[] sorted = new int[this.size];
		int count = 0;
		for (int page : this.pages) {
			if (page != 0) {
				sorted[count++] = page ^ Integer.MIN_VALUE;
			}
		}
		Arrays.sort(sorted);
		for (int i = 0; i < count; i++) {
			sorted[i] ^= Integer.MIN_VALUE;
		}
		return sorted;
	}

	private static boolean isPage(long pgno) {
		return pgno > 0 && pgno <= 0xffff_ffffL;
	}

	private void set(int page, long offset) {
		int slot = slot(this.pages, page);
		if (this.pages[slot] == 0) {
			this.pages[slot] = page;
			this.size++;
		}
		this.offsets[slot] = offset;
	}

	/** The slot that holds the page, or the free one where it belongs. */
	private static int slot(int[] pages, int page) {
		int mask = pages.length - 1;
		int slot = (page * 0x9e3779b9) >>> (Integer.numberOfLeadingZeros(mask));
		while (pages[slot] != 0 && pages[slot] != page) {
			slot = (slot + 1) & mask;
		}
		return slot;
	}

	private void ensureCapacity(int count) {
		if (count <= this.pages.length / 2) {
			return;
		}
		int[] oldPages = this.pages;
		long[] oldOffsets = this.offsets;
		allocate(capacityFor(count));
		for (int i = 0; i < oldPages.length; i++) {
			if (oldPages[i] != 0) {
				set(oldPages[i], oldOffsets[i]);
			}
		}
	}

	private void allocate(int capacity) {
		this.pages = new int[capacity];
		this.offsets = new long[capacity];
		this.size = 0;
	}

	private static int capacityFor(int count) {
		if (count < 0 || count > MAXIMUM_CAPACITY / 2) {
			throw new IllegalStateException(
					String.format(Locale.ROOT, "A page map holds at most %d pages", MAXIMUM_CAPACITY / 2));
		}
		int capacity = INITIAL_CAPACITY;
		while (capacity / 2 < count) {
			capacity *= 2;
		}
		return capacity;
	}

}
