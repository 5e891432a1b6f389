package dev.litestream.continuity;

import java.io.IOException;

import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.sqlite.DatabaseHeader;
import dev.litestream.sqlite.DatabasePages;
import dev.litestream.wal.WalPosition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a database is the same as the one whose state the replica holds, although the
 * WAL cannot prove it. Asked before a resync ships anything. Missing knowledge is no
 * reason to refuse. The reasons are these; they are numbered as in
 * {@code docs/how-it-works.md}, where the first two are those of {@link Decision}:
 * <ol start="3">
 * <li>A counter in the first page ({@link DatabaseHeader}) is lower than in the replica's
 * state, and pages differ: it is an older copy, or was created anew, since the counters
 * of a database never fall. Only a power loss sets them back, by the newest commits. It
 * counts as a power loss if the file is the one that was replicated before, the machine
 * has rebooted since, and half of the pages are the same.</li>
 * <li>The {@code application_id} differs; if the file is the one that was replicated
 * before, most pages have to differ too.</li>
 * <li>The file that was replicated before has shrunk to less than half, without counters
 * that say why: after a {@code VACUUM} few pages are where they were, and after a large
 * delete most are gone, but both make a counter rise. If an earlier process restored it
 * and nothing was replicated since, no counter can explain it: the file may have been
 * deleted and created anew with the same inode.</li>
 * <li>Fewer than half of the pages are the same, and it is another file or nothing is
 * remembered about it. In the second case, as after a restore by another program, the few
 * pages of a tiny database prove nothing, unless they are all empty.</li>
 * <li>If the file was written to since the last stop, but its WAL was not, all pages that
 * are not in the WAL have to be the same. Otherwise an older copy was probably put there,
 * and SQLite would mix the two. If the WAL restarts before the pages can be compared,
 * commits of which nothing was replicated may be in the file: then only rule 9
 * tells.</li>
 * <li>If the WAL lacks frames that were replicated from it, or was deleted before they
 * were in the file, and there was no power loss, an older copy was put there: all pages
 * have to be the same.</li>
 * </ol>
 * Rule 9 is {@link EarlierPages}. A file that was refused once is held to rule 8,
 * whatever was committed to it meanwhile.
 *
 * @param mismatch reports that it is not the same
 * @param remembered what is remembered of the file
 * @param known the first page's header in the replica's state, or {@code null} if unknown
 * @param unchanged where the WAL proved to be unchanged, or {@code null} if it did not
 */
public record SameDatabase(Mismatch mismatch, Remembered remembered, @Nullable DatabaseHeader known,
		@Nullable WalPosition unchanged) {

	private static final Logger logger = LoggerFactory.getLogger(SameDatabase.class);

	/** In a database of this many pages a single commit may change half of them. */
	private static final long TINY = 3;

	private static final int LEAF_OF_INDEX = 10;

	private static final int LEAF_OF_TABLE = 13;

	/**
	 * Judges the database.
	 * @param now the first page's header now, without our own changes
	 * @param pages the database
	 * @param hashes the replica's pages, or {@code null} if they are not available
	 * @throws DatabaseMismatchException if it does not continue the history and must not
	 * be accepted
	 * @throws IOException if the pages cannot be read
	 */
	public void require(@Nullable DatabaseHeader now, DatabasePages pages, PageHashes.@Nullable Reader hashes)
			throws IOException {
		if (this.remembered == Remembered.OVERWRITTEN && this.unchanged != null
				&& !pages.isSameGeneration(this.unchanged)) {
			new SameDatabase(this.mismatch, Remembered.SAME, this.known, null).require(now, pages, hashes);
			return;
		}
		String fault = (hashes != null) ? fault(now, pages, hashes) : faultWithoutPages(now);
		if (fault != null) {
			this.mismatch.report(fault);
		}
	}

	/**
	 * Refuses a file that is not the one replicated before and that is far smaller than
	 * the replica's database, without reading that (rule 6): most likely it was created
	 * before the restore. The length of the database and its WAL is in bytes.
	 */
	void requireNoShrink(LtxHeader newest, long bytes) {
		long before = newest.commit() * newest.pageSize();
		boolean judgedBySize = this.remembered == Remembered.ANOTHER || this.remembered == Remembered.NOTHING;
		if (judgedBySize && bytes < before / 2) {
			this.mismatch.report("is not known to be the continuation of what " + this.mismatch.replica()
					+ " holds: it is " + whichFile() + ", and it has " + bytes + " bytes instead of " + before
					+ ". It may have been created before it could be restored");
		}
	}

	private @Nullable String faultWithoutPages(@Nullable DatabaseHeader now) {
		if (this.remembered == Remembered.OVERWRITTEN) {
			return overwritten("its pages cannot be compared with the replica's");
		}
		if (hasToBeEqual()) {
			return notEqual("its pages cannot be compared with those there");
		}
		if (now != null && isOlder(now) && this.remembered != Remembered.SAME_BEFORE_REBOOT) {
			return older(now);
		}
		if (!this.remembered.isSame()) {
			logger.warn(
					"{}: {} cannot be compared with the backup in {}. It is assumed to continue that backup; if "
							+ "it does not, restore from there (litestream restore -timestamp)",
					this.mismatch.database(), this.mismatch.file(), this.mismatch.replica());
		}
		return null;
	}

	private @Nullable String fault(@Nullable DatabaseHeader now, DatabasePages pages, PageHashes.Reader hashes)
			throws IOException {
		if (this.remembered == Remembered.OVERWRITTEN) {
			long others = othersInFile(pages, hashes);
			return (others == 0) ? null : overwritten(others + " of its " + pages.count() + " pages have changed");
		}
		if (hasToBeEqual()) {
			long others = others(now, pages, hashes);
			return (others == 0) ? null : notEqual(others + " pages differ from the replica");
		}
		boolean older = now != null && isOlder(now);
		boolean foreign = now != null && this.known != null && now.applicationId() != this.known.applicationId();
		boolean explained = this.remembered != Remembered.RESTORED
				&& (now == null || this.known == null || now.isAfter(this.known));
		long before = hashes.header().pages();
		boolean shrunk = pages.count() < before / 2;
		if (this.remembered.isSame() && !older && !foreign && (explained || !shrunk)) {
			return null;
		}
		long same = same(pages, hashes);
		if (same >= before - 1 && pages.count() == before) {
			return null;
		}
		boolean mostly = 2 * same >= before - 1;
		if (now != null && older) {
			if (this.remembered != Remembered.SAME_BEFORE_REBOOT || !mostly) {
				return older(now);
			}
			logger.warn(
					"{}: {} is an older state than {} holds: it has lost its newest commits, most likely with the"
							+ " power. They can be restored from there (litestream restore -timestamp)",
					this.mismatch.database(), this.mismatch.file(), this.mismatch.replica());
			return null;
		}
		if (now != null && this.known != null && foreign && !(this.remembered.isSame() && mostly)) {
			return "is not the continuation of what the replica holds: its application_id is " + now.applicationId()
					+ ", but " + this.known.applicationId() + " in the replica";
		}
		if (mostly) {
			if (this.remembered == Remembered.ANOTHER) {
				logger.warn(
						"{}: {} is another file than the one replicated before. It is accepted as its "
								+ "continuation: {} of {} pages are the same",
						this.mismatch.database(), this.mismatch.file(), same, before - 1);
			}
			return null;
		}
		if (this.remembered == Remembered.NOTHING && before <= TINY && !isEmpty(pages)) {
			return null;
		}
		return "is not known to be the continuation of what the replica holds: it is " + whichFile() + ", and it has "
				+ same + " of the replica's " + before + " pages among its " + pages.count();
	}

	static String overwritten(String why) {
		return "has been written to or copied over since the application stopped, and " + why
				+ ". The -wal beside it belongs to the state before, so SQLite mixes the two. When you put a "
				+ "copy in place, move the -wal away too";
	}

	/** Whether only a file with all pages of the replica is the same (rule 8). */
	private boolean hasToBeEqual() {
		return this.remembered == Remembered.PUT_BACK || this.remembered == Remembered.REFUSED;
	}

	private String notEqual(String why) {
		if (this.remembered == Remembered.REFUSED) {
			return this.mismatch.before() + ". This was found at an earlier start. What has been committed since does"
					+ " not change it: " + why;
		}
		return "is not the continuation of what the replica holds: it is older. Commits that were replicated "
				+ "from its -wal were missing from it at a start, although there was no power loss that could have "
				+ "taken them, and " + why
				+ ". Most likely its -wal was deleted, or an older copy was put in the place of the database, of "
				+ "its -wal, or of both";
	}

	/**
	 * How many pages differ from the replica's. If we have forced a frame, the first page
	 * is judged by its content before that.
	 */
	private long others(@Nullable DatabaseHeader now, DatabasePages pages, PageHashes.Reader hashes)
			throws IOException {
		byte[] page = new byte[pages.pageSize()];
		long lockPage = LtxFormat.lockPage(pages.pageSize());
		long others = Math.max(0, hashes.header().pages() - pages.count());
		for (long pgno = 1; pgno <= pages.count(); pgno++) {
			if (pgno != lockPage && !(pgno == 1 && now != null && now.equals(this.known))) {
				pages.read(pgno, page);
				others += hashes.same(pgno, page) ? 0 : 1;
			}
		}
		return others;
	}

	/** How many pages of the file alone differ from the replica's. */
	private static long othersInFile(DatabasePages pages, PageHashes.Reader hashes) throws IOException {
		byte[] page = new byte[pages.pageSize()];
		long lockPage = LtxFormat.lockPage(pages.pageSize());
		long others = 0;
		for (long pgno = 1; pgno <= pages.count(); pgno++) {
			if (pgno != lockPage && !pages.isInWal(pgno)) {
				pages.read(pgno, page);
				others += hashes.same(pgno, page) ? 0 : 1;
			}
		}
		return others;
	}

	private boolean isOlder(DatabaseHeader now) {
		return this.known != null && now.isBefore(this.known);
	}

	private String older(DatabaseHeader now) {
		DatabaseHeader known = this.known;
		return "is not the continuation of what the replica holds: its change counter and schema cookie are "
				+ now.changeCounter() + " and " + now.schemaCookie()
				+ ((known != null) ? ", but " + known.changeCounter() + " and " + known.schemaCookie() : ", not as")
				+ " in the replica. It is an older copy, or was created anew";
	}

	private String whichFile() {
		return switch (this.remembered) {
			case RESTORED -> "of the same inode as the file that was restored, but far smaller";
			case RESTORED_HERE -> "the file that was restored, but far smaller without a visible reason";
			case SAME, SAME_BEFORE_REBOOT -> "the file replicated before, but far smaller without a visible reason";
			case OVERWRITTEN -> "the file replicated before, but written to since then";
			case PUT_BACK -> "an older copy of the file replicated before";
			case REFUSED -> "a file that was refused before";
			case ANOTHER -> "another file than the one replicated before";
			case NOTHING -> "not remembered which file was replicated before";
		};
	}

	/** How many pages equal the replica's, without the first. */
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

	/** Whether each table and index is a single page without entries. */
	private static boolean isEmpty(DatabasePages pages) throws IOException {
		byte[] page = new byte[pages.pageSize()];
		for (long pgno = 2; pgno <= pages.count(); pgno++) {
			pages.read(pgno, page);
			boolean leaf = page[0] == LEAF_OF_TABLE || page[0] == LEAF_OF_INDEX;
			if (!leaf || page[3] != 0 || page[4] != 0) {
				return false;
			}
		}
		return true;
	}

}
