package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Identity.Remembered;
import dev.litestream.sqlite.DatabaseHeader;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * Knows what is remembered of a database, and makes of it what judges the database before
 * a resync ({@link Continuation}).
 */
final class ResyncGuard {

	/** Further apart, salts are not of one row. */
	private static final int MOST_RESTARTS = 1000;

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final Identity identity;

	/** What the file and its WAL show, whatever is remembered, or null. */
	private @Nullable Remembered found;

	/** Whether what the replica holds may have been lost here with the power. */
	private boolean mayBeLost;

	ResyncGuard(DatabaseOptions options, ReplicaClient client, Identity identity) {
		this.options = options;
		this.client = client;
		this.identity = identity;
	}

	/**
	 * What is remembered of the database file. A start of the machine in between counts
	 * only if {@link #look} has found that the replica's newest state came from here:
	 * what another writer has added since was not lost with the power.
	 */
	Remembered remembered() throws IOException {
		if (this.found != null) {
			return this.found;
		}
		Remembered remembered = this.identity.remembered(this.options.path());
		return (remembered == Remembered.SAME_BEFORE_REBOOT && !this.mayBeLost) ? Remembered.SAME : remembered;
	}

	/**
	 * The WAL is as it was at the last stop, and the file beside it is not: it has to be
	 * the same nevertheless, but for what the WAL holds.
	 */
	void overwritten() {
		this.found = Remembered.OVERWRITTEN;
	}

	/**
	 * The WAL is older than what was replicated from it, or was: the database has to be
	 * the same nevertheless.
	 */
	void putBack() {
		this.found = Remembered.PUT_BACK;
	}

	/**
	 * Compares two generations of a WAL: SQLite begins with a random first salt and adds
	 * one at each restart.
	 * @param now the first salt now
	 * @param before the first salt then
	 * @return how many restarts lie between, negative if they are not of one row
	 */
	static int restarts(int now, int before) {
		int restarts = now - before;
		return (restarts >= 0 && restarts < MOST_RESTARTS) ? restarts : -1;
	}

	/**
	 * Looks whether the replica's newest file was made of this database's WAL, if the
	 * machine has been started since something was replicated. A power loss may take the
	 * newest files of the spool and generations of the WAL; those that are left, or the
	 * one remembered, are of the same row as the one that the file was made of. A
	 * database that another writer has restored begins a row of its own.
	 * @param listings all levels
	 * @param spooled the header of the spool's newest file, as far as it is from here
	 * @param wal the WAL
	 * @throws IOException if the file cannot be read
	 */
	void look(List<LtxListing> listings, @Nullable LtxHeader spooled, Path wal) throws IOException {
		if (this.identity.remembered(this.options.path()) != Remembered.SAME_BEFORE_REBOOT) {
			return;
		}
		LtxHeader newest = newest(listings);
		this.mayBeLost = newest != null && newest.walSize() > 0
				&& (isOfRow(newest, spooled) || isOfRow(newest, wal) || isOfRow(newest, this.identity.generation()));
	}

	/** The header of the newest file, or {@code null} if there is none to be read. */
	private @Nullable LtxHeader newest(List<LtxListing> listings) throws IOException {
		for (LtxListing listing : listings) {
			LtxFileInfo file = listing.newest();
			if (file != null && file.maxTxid().equals(Recovery.maxTxid(listings))) {
				try {
					return LtxSource.of(this.client, file).header();
				}
				catch (CorruptLtxException ex) {
					return null;
				}
			}
		}
		return null;
	}

	private static boolean isOfRow(LtxHeader newest, @Nullable LtxHeader spooled) {
		return spooled != null && spooled.walSize() > 0 && isOfRow(newest, spooled.walSalt1(), spooled.walSalt2());
	}

	private static boolean isOfRow(LtxHeader newest, Path wal) throws IOException {
		try (WalReader reader = WalReader.open(wal)) {
			WalPosition start = (reader != null) ? reader.header().start() : null;
			return start != null && isOfRow(newest, start.salt1(), start.salt2());
		}
	}

	private static boolean isOfRow(LtxHeader newest, @Nullable Integer generation) {
		return generation != null && restarts(newest.walSalt1(), generation) >= 0;
	}

	/** In either direction; the second salt is another one at each restart. */
	private static boolean isOfRow(LtxHeader newest, int salt1, int salt2) {
		return (newest.walSalt1() == salt1) ? newest.walSalt2() == salt2
				: restarts(newest.walSalt1(), salt1) > 0 || restarts(salt1, newest.walSalt1()) > 0;
	}

	/**
	 * Refuses by what the spool says alone.
	 * @param fault why: what follows "the database"
	 * @throws DatabaseMismatchException unless it is to be taken nevertheless
	 */
	void spoolMismatch(String fault) {
		judge(Remembered.NOTHING, null).mismatch(fault);
	}

	/**
	 * Refuses a file that is not the one replicated before and that is far smaller than
	 * what the replica holds, without reading that: most likely it was created before the
	 * restore.
	 * @param newest the header of the replica's newest file
	 * @param wal the WAL
	 * @throws DatabaseMismatchException unless it is to be taken nevertheless
	 * @throws IOException if the memory cannot be read
	 */
	void requireNoShrink(LtxHeader newest, Path wal) throws IOException {
		Remembered remembered = remembered();
		if (remembered.isSame() || this.found != null) {
			return;
		}
		long bytes = this.options.path().toFile().length() + wal.toFile().length();
		long known = newest.commit() * newest.pageSize();
		if (bytes < known / 2) {
			spoolMismatch("is not known to be the continuation of what " + this.client.location() + " holds: it is "
					+ ((remembered == Remembered.ANOTHER) ? "another file than the one replicated before"
							: "not remembered which file was replicated before")
					+ ", and it has " + bytes + " bytes instead of " + known
					+ ". It may have been created before it could be restored");
		}
	}

	/**
	 * What judges the database before a resync.
	 * @param known the first page's header in the replica's state, or {@code null}
	 * @return the judge
	 * @throws IOException if the memory cannot be read
	 */
	Continuation continuation(@Nullable DatabaseHeader known) throws IOException {
		return judge(remembered(), known);
	}

	private Continuation judge(Remembered remembered, @Nullable DatabaseHeader known) {
		return new Continuation(this.options.name(), this.options.path().toString(), this.client.location(),
				this.options.onMismatch(), remembered, known);
	}

}
