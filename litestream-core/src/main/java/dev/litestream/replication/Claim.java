package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.capture.CommitSignals;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.capture.Outlet;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.LastStop;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolLock;
import dev.litestream.sqlite.DatabaseFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One database and its spool, taken for one replicator: nobody else works on either until
 * {@link #release()}. The database is opened here once it exists. Methods that change the
 * claim are called under the replicator's monitor; the others may be called by anybody.
 */
final class Claim {

	private static final Logger logger = LoggerFactory.getLogger(Claim.class);

	private final DatabaseOptions options;

	private final Spool spool;

	private final KnownPages known;

	private final Provenance provenance;

	/** Keeps other replicators away, or null before the claim and after its release. */
	private @Nullable SpoolLock lock;

	/** Whether the state left by the last stop was examined. */
	private boolean looked;

	private volatile @Nullable OpenDatabase database;

	/** Prepares it; nothing is taken yet. The spool is opened here. */
	Claim(DatabaseOptions options, Spool spool, KnownPages known, Provenance provenance) {
		this.options = options;
		this.spool = spool;
		this.known = known;
		this.provenance = provenance;
	}

	/** The database while it is open. */
	@Nullable OpenDatabase database() {
		return this.database;
	}

	/** Whether the file is there: an empty file is not a database yet. */
	boolean exists() throws IOException {
		Path path = this.options.path();
		return Files.exists(path) && Files.size(path) > 0;
	}

	/** Whether the database was never opened, and its file is missing or empty. */
	boolean hasNoDatabase() {
		try {
			return this.database == null && !exists();
		}
		catch (IOException ex) {
			logger.error("{}: {}", this.options.name(), ErrorLog.describe(ex));
			return false;
		}
	}

	/** Whether the database is open and its file has another name now, or none. */
	boolean isGone() {
		OpenDatabase database = this.database;
		return database != null && !database.isSameFile();
	}

	/**
	 * Takes the database and its spool. Does nothing if they are taken. Throws
	 * {@link LitestreamException} if another replicator works on the database.
	 */
	void take() {
		try {
			if (this.lock == null) {
				SpoolLock lock = SpoolLock.take(this.options.path(), this.options.metaPath());
				try {
					this.spool.open();
					lookEarly();
				}
				catch (IOException | RuntimeException ex) {
					lock.close();
					throw ex;
				}
				this.lock = lock;
			}
		}
		catch (IOException ex) {
			throw new LitestreamException("The local spool of " + this.options.path() + " cannot be used: "
					+ ErrorLog.describe(ex) + "; the application needs write access to " + this.options.metaPath(), ex);
		}
	}

	private void look() throws IOException {
		if (exists()) {
			this.looked = new LastStop(this.options.file(), this.spool, this.provenance).look();
		}
	}

	/**
	 * If the state cannot be read now, it is examined, and failures are reported, when
	 * the database is opened.
	 */
	private void lookEarly() {
		try {
			look();
		}
		catch (IOException ex) {
			logger.debug("{}: the state left by the last stop cannot be examined yet", this.options.name(), ex);
		}
	}

	/**
	 * Opens the database if it exists and is not open, and returns whether it was opened
	 * just now. Fails if the database file or the spool cannot be used, or SQLite cannot
	 * open the database.
	 */
	boolean open(CommitSignals signals, Outlet outlet, Clock clock) throws IOException, SQLException {
		if (this.database != null || !exists()) {
			return false;
		}
		if (!this.looked) {
			look();
		}
		this.provenance.opened();
		this.looked = false;
		this.database = OpenDatabase.open(this.options, this.spool, this.known, this.provenance, signals, outlet,
				clock);
		return true;
	}

	/** Closes the database, and keeps the claim. */
	void close() {
		OpenDatabase database = this.database;
		if (database != null) {
			database.close();
			this.database = null;
		}
	}

	/** Lets others take the database and its spool. */
	void release() {
		DatabaseFile.letGo(this.options.file());
		try {
			if (this.lock != null) {
				this.lock.close();
				this.lock = null;
			}
		}
		catch (IOException ex) {
			logger.debug("{}: the lock of the spool could not be released", this.options.name(), ex);
		}
	}

}
