package dev.litestream.ltx;

import org.jspecify.annotations.Nullable;

/**
 * The rules for a file's page numbers (rules 2 and 3 of {@link LtxFormat}), shared by
 * reader, writer and merge. Not thread-safe.
 */
final class PageOrder {

	private final boolean snapshot;

	private final long commit;

	private final long lockPage;

	private long previous;

	PageOrder(LtxHeader header) {
		this.snapshot = header.isSnapshot();
		this.commit = header.commit();
		this.lockPage = LtxFormat.lockPage(header.pageSize());
	}

	/**
	 * Takes the next page number. Returns the rule that it breaks, as a clause, or
	 * {@code null} if none.
	 */
	@Nullable String accept(long pgno) {
		if (pgno < 1 || pgno > this.commit) {
			return "page " + pgno + " lies outside the database of " + this.commit + " pages";
		}
		if (pgno == this.lockPage) {
			return "page " + pgno + " is the lock page";
		}
		if (pgno <= this.previous) {
			return "page " + pgno + " follows page " + this.previous;
		}
		if (this.snapshot && pgno != following()) {
			return "page " + following() + " is missing from a snapshot";
		}
		this.previous = pgno;
		return null;
	}

	/**
	 * Takes the end of the pages. Returns the rule that is broken, as a clause, or
	 * {@code null} if none.
	 */
	@Nullable String end() {
		if (this.snapshot && following() <= this.commit) {
			return "page " + following() + " is missing from a snapshot of " + this.commit + " pages";
		}
		return null;
	}

	private long following() {
		long next = this.previous + 1;
		return (next != this.lockPage) ? next : next + 1;
	}

}
