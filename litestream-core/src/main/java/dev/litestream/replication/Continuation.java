package dev.litestream.replication;

import java.io.IOException;

import dev.litestream.MismatchAction;
import dev.litestream.sqlite.DatabaseHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a database is the continuation of the state that the replica holds, although
 * the WAL cannot prove it. Asked before a resync ships anything:
 * <ol>
 * <li>What cannot be compared, because no hashes of the replica's state are to be had,
 * must at least be the file that was replicated before.</li>
 * <li>The counters in the first page ({@link DatabaseHeader}) must not be lower than in
 * the replica's state: they never fall in one database. Lower means an older copy, or a
 * database that was created anew.</li>
 * <li>The file that was replicated before (same inode) may then differ as it likes: after
 * a {@code VACUUM} few pages are where they were, and after a large delete most are
 * gone.</li>
 * <li>Another file, or one of which nothing is remembered, must hold the replica's pages,
 * all of them; or its counters are higher and at least half of the pages are there. It
 * must carry the same {@code application_id}.</li>
 * </ol>
 *
 * @param database the database's name
 * @param file the database file, for messages
 * @param replica where the replica is, for messages
 * @param action what to do if it is not the continuation
 * @param sameFile whether it is the file that was replicated before, or {@code null} if
 * none is remembered
 * @param known the first page's header in the replica's state, or {@code null} if unknown
 */
record Continuation(String database, String file, String replica, MismatchAction action, @Nullable Boolean sameFile,
		@Nullable DatabaseHeader known) {

	private static final Logger logger = LoggerFactory.getLogger(Continuation.class);

	/**
	 * Judges the database.
	 * @param now the first page's header now, as far as it is not our own doing
	 * @param pages the database
	 * @param hashes the replica's pages, or {@code null} if there are none to be had
	 * @throws DatabaseMismatchException if it is no continuation, and none is wanted
	 * @throws IOException if the pages cannot be read
	 */
	void require(@Nullable DatabaseHeader now, DatabasePages pages, PageHashes.@Nullable Reader hashes)
			throws IOException {
		String fault = fault(now, pages, hashes);
		if (fault != null) {
			mismatch(fault);
		}
	}

	/**
	 * Says that the database is no continuation.
	 * @param fault why not: what follows "the database"
	 * @throws DatabaseMismatchException unless it is to be taken nevertheless
	 */
	void mismatch(String fault) {
		if (this.action == MismatchAction.RESYNC) {
			logger.warn("{}: the database {} {}; replica.on-mismatch is 'resync': its present state goes to the"
					+ " replica as the newest one", this.database, this.file, fault);
			return;
		}
		throw new DatabaseMismatchException("The database " + this.file + " " + fault
				+ ". Nothing is replicated. Either restore what " + this.replica
				+ " holds: stop the application, move the database file and its -wal away and start again"
				+ " (restore.on-startup); or set replica.on-mismatch=resync, so that this database becomes the"
				+ " replica's newest state");
	}

	private @Nullable String fault(@Nullable DatabaseHeader now, DatabasePages pages,
			PageHashes.@Nullable Reader hashes) throws IOException {
		if (this.known != null && now != null && now.isBefore(this.known)) {
			return "is not the continuation of what the replica holds: its change counter and schema cookie are "
					+ now.changeCounter() + " and " + now.schemaCookie() + ", but " + this.known.changeCounter()
					+ " and " + this.known.schemaCookie() + " in the replica. It is an older copy, or was created anew";
		}
		if (Boolean.TRUE.equals(this.sameFile)) {
			return null;
		}
		if (hashes == null) {
			return "is not the file that was replicated before, and cannot be compared with what the replica holds";
		}
		if (now != null && this.known != null && now.applicationId() != this.known.applicationId()) {
			return "is not the continuation of what the replica holds: its application_id is " + now.applicationId()
					+ ", but " + this.known.applicationId() + " in the replica";
		}
		long same = same(pages, hashes);
		long before = hashes.header().pages();
		if (same >= before - 1 && pages.count() == before) {
			return null;
		}
		boolean later = now != null && this.known != null && now.isAfter(this.known);
		if (later && same >= before / 2) {
			return null;
		}
		return "is not known to be the continuation of what the replica holds: it is "
				+ ((this.sameFile != null) ? "another file than the one replicated before"
						: "not remembered which file was replicated before")
				+ ", and it has " + same + " of the replica's " + before + " pages among its " + pages.count();
	}

	/** How many pages are as the replica holds them, without the first. */
	private static long same(DatabasePages pages, PageHashes.Reader hashes) throws IOException {
		byte[] page = new byte[pages.pageSize()];
		long same = 0;
		long end = Math.min(pages.count(), hashes.header().pages());
		for (long pgno = 2; pgno <= end; pgno++) {
			pages.read(pgno, page);
			if (hashes.same(pgno, page)) {
				same++;
			}
		}
		return same;
	}

}
