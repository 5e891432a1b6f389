package dev.litestream.restore;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A set of page numbers, one bit each: a database of 100 GB with pages of 4 KB needs 3
 * MB. Not safe for several threads.
 */
final class PageSet {

	/** Page numbers need 32 bits, a {@code BitSet} has room for 31. */
	private static final int SEGMENT_BITS = 30;

	private static final long SEGMENT_MASK = (1L << SEGMENT_BITS) - 1;

	private final List<BitSet> segments = new ArrayList<>();

	void add(long pgno) {
		segment(pgno).set((int) (pgno & SEGMENT_MASK));
	}

	boolean contains(long pgno) {
		return segment(pgno).get((int) (pgno & SEGMENT_MASK));
	}

	/**
	 * Adds what another set holds, and empties that.
	 */
	void drain(PageSet other) {
		for (int i = 0; i < other.segments.size(); i++) {
			segment((long) i << SEGMENT_BITS).or(other.segments.get(i));
		}
		other.clear();
	}

	void clear() {
		this.segments.forEach(BitSet::clear);
	}

	/**
	 * The smallest page number of at least a given one that is not in the set.
	 */
	long nextAbsent(long pgno) {
		long next = pgno;
		while (true) {
			int free = segment(next).nextClearBit((int) (next & SEGMENT_MASK));
			long absent = (next & ~SEGMENT_MASK) + free;
			if (free <= SEGMENT_MASK) {
				return absent;
			}
			next = absent;
		}
	}

	private BitSet segment(long pgno) {
		int number = (int) (pgno >>> SEGMENT_BITS);
		while (this.segments.size() <= number) {
			this.segments.add(new BitSet());
		}
		return this.segments.get(number);
	}

}
