package dev.litestream.capture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.continuity.DatabaseMismatchException;
import dev.litestream.spool.SpoolFile;
import dev.litestream.Txid;
import dev.litestream.continuity.KnownPages;
import dev.litestream.spool.FileStamp;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.DatabaseHeader;
import dev.litestream.sqlite.LockConnections;
import dev.litestream.sqlite.LockWatchdog;
import dev.litestream.sqlite.ReadLock;
import dev.litestream.sqlite.StillImage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open parts of a replicated database: our connections with the read lock, the
 * {@link Sync} that owns the position in its WAL, and the {@link Checkpointer}. All steps
 * are taken here, under the sync's monitor: the file is stored and given to the
 * {@link Outlet}. Thread-safe.
 */
public final class OpenDatabase {

	private static final int FRAME_HEADER_SIZE = 24;

	private static final Logger logger = LoggerFactory.getLogger(OpenDatabase.class);

	/** As it was named: if that leads to another file, the application uses that one. */
	private final Path path;

	/** Behind all links: SQLite keeps the WAL beside it. */
	private final Path file;

	private final Provenance provenance;

	private final LockConnections connections;

	private final Sync sync;

	private final Checkpointer checkpointer;

	private final Spool spool;

	private final CommitSignals signals;

	private final Outlet outlet;

	private final long maxSyncBytes;

	private final LockWatchdog watchdog;

	/** Distinguishes the file that we opened from another one of its name. */
	private final Object fileKey;

	private OpenDatabase(DatabaseOptions options, Spool spool, KnownPages known, Provenance provenance,
			CommitSignals signals, Outlet outlet, Clock clock, LockConnections connections)
			throws IOException, SQLException {
		this.path = options.path();
		this.file = options.file();
		this.provenance = provenance;
		this.spool = spool;
		this.signals = signals;
		this.outlet = outlet;
		this.maxSyncBytes = options.maxSyncBytes();
		this.connections = connections;
		Path wal = this.file.resolveSibling(this.file.getFileName() + "-wal");
		boolean withoutWal = !Files.exists(wal) || Files.size(wal) == 0;
		this.sync = new Sync(this.file, known, spool, connections, clock, withoutWal ? header(connections) : null);
		if (withoutWal) {
			connections.forceFrame();
		}
		this.checkpointer = new Checkpointer(this.sync, spool, connections, this::drain);
		this.fileKey = DatabaseFile.key(this.file);
		this.watchdog = new LockWatchdog(this.file);
		requireSameFile();
		int names = DatabaseFile.names(this.file);
		if (names > 1) {
			logger.warn("{}: the database file {} has {} names (hard links), and SQLite keeps a WAL beside each. "
					+ "Commits made under another name are not replicated and damage the database; remove the "
					+ "other names", options.name(), this.file, names);
		}
	}

	private @Nullable DatabaseHeader header(LockConnections connections) throws IOException {
		byte[] page = new byte[connections.pageSize()];
		DatabaseFile.at(this.file).readPage(1, page.length, page);
		return DatabaseHeader.of(page);
	}

	/**
	 * Opens a database. Afterwards there is a WAL to read.
	 * @param options of an existing database
	 * @param spool where LTX files are written
	 * @param known the known pages of the replica
	 * @param provenance the notes beside the spool
	 * @param signals the commits to look for
	 * @param outlet receives the files
	 * @param clock the time for LTX headers
	 * @return the open database
	 * @throws IOException if the database file cannot be read
	 * @throws SQLException if SQLite cannot open it
	 */
	public static OpenDatabase open(DatabaseOptions options, Spool spool, KnownPages known, Provenance provenance,
			CommitSignals signals, Outlet outlet, Clock clock) throws IOException, SQLException {
		spool.takeOverAccess(options.file());
		LockConnections connections = new LockConnections(options.file(), options.busyTimeout());
		try {
			return new OpenDatabase(options, spool, known, provenance, signals, outlet, clock, connections);
		}
		catch (IOException | SQLException | RuntimeException ex) {
			connections.close();
			throw ex;
		}
	}

	public Sync sync() {
		return this.sync;
	}

	/**
	 * Length of one frame of the WAL, in bytes.
	 */
	public long frameSize() {
		return (long) FRAME_HEADER_SIZE + this.connections.pageSize();
	}

	/**
	 * Whether the path still names the file that we opened.
	 */
	public boolean isSameFile() {
		try {
			return DatabaseFile.key(this.path).equals(this.fileKey);
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Refuses to go on beside another file: its WAL does not continue ours.
	 */
	private void requireSameFile() {
		if (!isSameFile()) {
			throw new LitestreamException("The database file " + this.path
					+ " was moved or replaced while the application has it open; restart the application");
		}
	}

	/**
	 * Takes one step. Called under the sync's monitor.
	 * @param signalled when the commit was signalled, or {@link CommitSignals#NOTHING}
	 * @return the files written, or {@code null} if there is no new commit
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if a read lock cannot be taken
	 */
	public @Nullable Step step(long signalled) throws IOException, SQLException {
		long start = System.nanoTime();
		long since = (signalled != CommitSignals.NOTHING) ? signalled : CommitSignals.now();
		Step step;
		try {
			// The WAL beside another file does not continue ours.
			requireSameFile();
			checkLocks();
			step = this.sync.step(this.maxSyncBytes, since);
		}
		catch (DatabaseMismatchException ex) {
			// No other step is taken, whoever asked for this one.
			this.sync.abandon();
			remembering(() -> this.provenance.rememberRefused(ex.fault()));
			this.outlet.refused(ex);
			throw ex;
		}
		catch (IOException | SQLException | RuntimeException ex) {
			// Its commits still wait.
			this.signals.waits(since);
			throw ex;
		}
		this.outlet.looked(System.nanoTime() - start);
		if (step != null) {
			this.signals.found();
			// Before the upload: whoever sees the file in the replica finds it counted.
			this.outlet.written(this, step);
			send(step);
			if (step.resync() != null) {
				remember();
			}
		}
		return step;
	}

	private void send(Step step) throws IOException {
		SpoolFile file = step.file();
		SpoolFile snapshot = step.snapshot();
		if (snapshot == null) {
			this.outlet.add(file);
			this.spool.store(file);
			this.outlet.stored(file);
			return;
		}
		try {
			// Neither may be lost without the other once the replica has one.
			this.spool.store(snapshot);
			this.spool.store(file);
			this.spool.force();
		}
		finally {
			this.outlet.add(file, snapshot);
		}
	}

	/**
	 * Syncs until nothing is left or a place in the WAL is reached. Called under the
	 * sync's monitor.
	 */
	private void drain(long offset) throws IOException, SQLException {
		Step step;
		do {
			long signalled = this.signals.takeWaiting();
			step = step(signalled);
			if (step == null && signalled != CommitSignals.NOTHING) {
				// Its frames may come next: the sync task was woken for it, takes signals
				// under the same monitor, and looks again.
				this.signals.waits(signalled);
			}
		}
		while (step != null && step.limited() && this.sync.walSize() < offset);
	}

	/**
	 * Syncs everything committed so far. Not under the sync's monitor.
	 * @return the position up to which it is synced
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if SQLite fails
	 */
	public Txid toEndOfWal() throws IOException, SQLException {
		while (true) {
			synchronized (this.sync) {
				drain(Long.MAX_VALUE);
				if (!this.sync.needsFrame()) {
					return this.sync.txid();
				}
			}
			forceFrame();
		}
	}

	/**
	 * The database as it is now, kept as long as the image is open. Syncs to the end of
	 * the WAL. Not under the sync's monitor.
	 * @return the image, or {@code null} if it is not known where the history goes on
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if SQLite fails
	 */
	public @Nullable StillImage still() throws IOException, SQLException {
		while (true) {
			synchronized (this.sync) {
				ReadLock lock = this.connections.readLock();
				StillImage image = null;
				try {
					// Backfill goes up to the lock's mark: the position has to reach it.
					drain(Long.MAX_VALUE);
					image = this.sync.still(lock);
				}
				finally {
					if (image == null) {
						lock.close();
					}
				}
				if (image != null || !this.sync.needsFrame()) {
					return image;
				}
			}
			forceFrame();
		}
	}

	/**
	 * Checks now and then whether SQLite's locks are still there; if not, the next step
	 * is a resync.
	 */
	private void checkLocks() throws SQLException {
		if (this.watchdog.foundLost()) {
			this.sync.locksLost();
		}
		this.outlet.lostLocks(this.watchdog.finding());
	}

	/**
	 * Whether a step would find nothing. Never waits, as it runs without the sync's
	 * monitor.
	 * @throws IOException if the WAL cannot be read
	 */
	public boolean isAtEndOfWal() throws IOException {
		return isSameFile() && !this.watchdog.suspectsLost() && this.sync.isAtEndOfWal();
	}

	/**
	 * Whether a checkpoint waits for the sync's monitor, or syncs under it: others had
	 * better not take it meanwhile.
	 */
	public boolean isHandingOver() {
		return this.checkpointer.isHandingOver();
	}

	/** Remembers beside the spool that this file is the one replicated there. */
	private void remember() throws IOException {
		this.provenance.rememberDatabase(this.path, this.sync.generation());
	}

	/**
	 * Forces one frame into the WAL. Not under the sync's monitor: a checkpoint takes the
	 * write lock first.
	 * @throws IOException if none of the frames forced before has reached the WAL that is
	 * read
	 * @throws SQLException if the database is busy or cannot be written
	 */
	public void forceFrame() throws IOException, SQLException {
		this.sync.forcing();
		this.connections.forceFrame();
	}

	/**
	 * Checkpoints. Not under the sync's monitor.
	 * @throws IOException if the spool or the WAL fails
	 * @throws SQLException if SQLite fails
	 */
	public void checkpoint() throws IOException, SQLException {
		remembering(this.provenance::checkpointing);
		this.checkpointer.run();
		remembering(() -> {
			FileStamp stamp = FileStamp.of(this.file);
			if (isSameFile()) {
				this.provenance.rememberCheckpointed(stamp);
			}
		});
	}

	/** Nothing depends on this alone. */
	private void remembering(Memory memory) {
		try {
			memory.write();
		}
		catch (IOException ex) {
			logger.debug("{}: the state of the database file could not be recorded", this.path, ex);
		}
	}

	@FunctionalInterface
	private interface Memory {

		void write() throws IOException;

	}

	/**
	 * Releases locks and connections, read-only ones last: that keeps the WAL.
	 */
	public void close() {
		// In the same order as a checkpoint, which syncs under the write lock.
		this.connections.outsideWriteLock(() -> {
			synchronized (this.sync) {
				// A sync that is still running finds nothing to do: there is no lock any
				// more.
				this.sync.abandon();
				if (this.sync.isWalGone()) {
					// Its content would be lost with the last descriptor.
					this.connections.closeAndCheckpoint();
				}
				else {
					this.connections.close();
				}
			}
		});
		DatabaseFile.closeIfDeleted(this.fileKey);
	}

}
