package dev.litestream.restore;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A set of page numbers, one bit each: a database of 100 GB with pages of 4 KB needs 4
 * MB. Gaps between numbers that are far apart take no memory. Not thread-safe.
 */
final class PageSet {

	private static final int SEGMENT_BITS = 12;

	private static final long SEGMENT_MASK = (1L << SEGMENT_BITS) - 1;

	/** By number; {@code null} where nothing has been added. */
	private final List<@Nullable BitSet> segments = new ArrayList<>();

	void add(long pgno) {
		created((int) (pgno >>> SEGMENT_BITS)).set((int) (pgno & SEGMENT_MASK));
	}

	boolean contains(long pgno) {
		BitSet segment = segment(pgno);
		return segment != null && segment.get((int) (pgno & SEGMENT_MASK));
	}

	/**
	 * Adds the numbers of another set, and empties that set.
	 */
	void drain(PageSet other) {
		for (int i = 0; i < other.segments.size(); i++) {
			BitSet segment = other.segments.get(i);
			if (segment != null) {
				created(i).or(segment);
			}
		}
		other.clear();
	}

	void clear() {
		this.segments.clear();
	}

	/**
	 * The smallest page number from a given one upwards that is not in the set.
	 */
	long nextAbsent(long pgno) {
		long next = pgno;
		while (true) {
			BitSet segment = segment(next);
			if (segment == null) {
				return next;
			}
			int free = segment.nextClearBit((int) (next & SEGMENT_MASK));
			long absent = (next & ~SEGMENT_MASK) + free;
			if (free <= SEGMENT_MASK) {
				return absent;
			}
			next = absent;
		}
	}

	private @Nullable BitSet segment(long pgno) {
		int number = (int) (pgno >>> SEGMENT_BITS);
		return (number < this.segments.size()) ? this.segments.get(number) : null;
	}

	private BitSet created(int number) {
		while (this.segments.size() <= number) {
			this.segments.add(null);
		}
		BitSet segment = this.segments.get(number);
		if (segment == null) {
			segment = new BitSet(1 << SEGMENT_BITS);
			this.segments.set(number, segment);
		}
		return segment;
	}

}
