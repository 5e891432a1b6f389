package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicationListener;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.capture.CommitSignals;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.PageHashes;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.sqlite.PhysicalConnection;
import dev.litestream.sqlite.StillImage;
import dev.litestream.threads.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Replicates one database, from {@link #start()} to {@link #close}. Three tasks on shared
 * threads, none of which runs twice at the same time:
 * <ul>
 * <li>sync: woken by commits and by a tick, turns new frames into LTX files in the spool
 * ({@link SyncLoop});</li>
 * <li>upload: sends these to the replica in order ({@link UploadLoop});</li>
 * <li>checkpoint: woken when the WAL has grown ({@link CheckpointLoop}).</li>
 * </ul>
 * A fourth one works on the replica's files, a few databases at a time
 * ({@link LevelLoop}). This class wires, starts and ends them; they work on its
 * {@link Claim}.
 */
public final class Replicator {

	private final DatabaseOptions options;

	private final Workers workers;

	private final Clock clock;

	private final CommitSignals signals = new CommitSignals();

	private final Progress progress;

	private final StateMachine state;

	private final Claim claim;

	private final UploadLoop uploads;

	private final Shipping shipping;

	private final SyncLoop syncs;

	private final Acknowledgement acknowledgement;

	private final FinalSync finalSync;

	private final Closing closing;

	private final Tick tick;

	private volatile boolean running;

	private volatile @Nullable Runnable ticks;

	/**
	 * Prepares replication; nothing is touched before {@link #start()}.
	 * @param options how to replicate
	 * @param client where to; opened here, closed by the engine
	 * @param listener receives the events
	 * @param workers the engine's threads
	 * @param maintenance runs the work on the replica's levels, on the engine's threads
	 * @param clock the time for LTX headers and status
	 */
	public Replicator(DatabaseOptions options, ReplicaClient client, ReplicationListener listener, Workers workers,
			Executor maintenance, Clock clock) {
		this.options = options;
		this.workers = workers;
		this.clock = clock;
		this.progress = new Progress(options, client.location(), client::condition, client::isConnected, clock,
				this.signals);
		this.state = new StateMachine(options.name(), this.progress, listener);
		Spool spool = new Spool(options.metaPath());
		KnownPages known = new KnownPages(options.name(), spool, new PageHashes(options.metaPath()), workers);
		Provenance provenance = new Provenance(options.metaPath());
		this.claim = new Claim(options, spool, known, provenance);
		this.uploads = new UploadLoop(options, client, spool, known, provenance, this.progress, this.state, workers,
				this.claim::database, this::wakeSync, maintenance, clock);
		this.uploads.levels().tell(listener);
		CheckpointLoop checkpoints = new CheckpointLoop(options, this.progress, this.state, workers,
				this::whileRunning);
		ObjectRate rate = new ObjectRate(options.maxObjectsPerSecond(), System::nanoTime);
		this.shipping = new Shipping(options.name(), this.progress, rate, this.uploads, checkpoints, this.state,
				listener);
		this.syncs = new SyncLoop(this.signals, this.state, rate, this.uploads, checkpoints, workers,
				this::openWhileRunning);
		this.acknowledgement = new Acknowledgement(options.path(), this.claim,
				new EndOfWal(this.claim::database, workers), this.syncs, this.uploads, this.shipping, this.state,
				this.progress);
		this.finalSync = new FinalSync(options, this.claim, this.acknowledgement, this.progress);
		this.closing = new Closing(options, this.claim, this.finalSync, this.uploads, this.state, known, provenance);
		this.tick = new Tick(options.metaPath(), client, this.claim, this.syncs, this.uploads, checkpoints,
				this.shipping, this.state);
	}

	private void wakeSync() {
		this.syncs.wake();
	}

	public String name() {
		return this.options.name();
	}

	public Path path() {
		return this.options.path();
	}

	public DatabaseOptions options() {
		return this.options;
	}

	public DatabaseStatus status() {
		return this.progress.status();
	}

	/**
	 * Prepares a physical connection of the application.
	 * @param connection a connection that unwraps to sqlite-jdbc's
	 * @throws SQLException if the connection refuses a setting
	 */
	public void prepare(Connection connection) throws SQLException {
		PhysicalConnection.prepare(connection, this::signalCommit);
	}

	/** Something may have been committed. */
	public void signalCommit() {
		this.signals.signalled();
		if (this.running) {
			this.syncs.committed();
		}
	}

	/**
	 * Takes the database and its spool for this replicator, until {@link #close}. To be
	 * called before either is touched. Does nothing if they are taken.
	 * @throws LitestreamException if another replicator works on the database
	 */
	public synchronized void claim() {
		this.claim.take();
	}

	/**
	 * Starts the tasks. Does not wait for the replica.
	 * @throws LitestreamException if another replicator works on the database
	 */
	public synchronized void start() {
		if (this.running) {
			return;
		}
		claim();
		this.running = true;
		this.state.started(this.claim.database() != null);
		this.ticks = this.workers.tick(this.options.syncInterval(), this.tick::run);
		this.syncs.wake();
		this.uploads.wake();
	}

	/** For checkpoints, which end when it is stopped. */
	private @Nullable OpenDatabase whileRunning() {
		return this.running ? this.claim.database() : null;
	}

	private @Nullable OpenDatabase openWhileRunning() throws IOException, SQLException {
		if (this.running && this.claim.database() == null) {
			open();
		}
		return whileRunning();
	}

	private synchronized void open() throws IOException, SQLException {
		if (this.running && this.claim.open(this.signals, this.shipping, this.clock)) {
			this.state.opened();
			this.uploads.wake();
		}
	}

	/**
	 * Syncs everything committed before this call and waits for the replica. After a
	 * timeout the work goes on without the caller.
	 * @param timeout the longest time to wait, for disk and replica together
	 * @return whether everything was replicated in time
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	public boolean sync(Duration timeout) throws InterruptedException {
		return this.acknowledgement.awaitCommitted(timeout);
	}

	/**
	 * Waits until the replica has acknowledged a position.
	 * @param txid the position to wait for
	 * @param timeout the longest time to wait
	 * @return whether the position was replicated in time
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	public boolean awaitReplicated(Txid txid, Duration timeout) throws InterruptedException {
		return this.acknowledgement.await(txid, timeout);
	}

	/**
	 * Syncs everything committed before this call, waits for the replica, and writes a
	 * snapshot there.
	 * @param timeout the longest time to wait until it begins
	 * @return the snapshot, which the replica may have held before
	 * @throws LitestreamException if it was not written
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	public LtxFileInfo snapshot(Duration timeout) throws InterruptedException {
		long deadline = System.nanoTime() + timeout.toNanos();
		// After an outage the state says so a moment after the last acknowledgement.
		if (!this.running || !sync(timeout) || !this.progress.await(this.state::isReplicating, deadline)) {
			DatabaseStatus status = status();
			throw new LitestreamException("No snapshot of '" + name() + "' was written, because not everything is"
					+ " replicated: the state is " + status.state()
					+ ((status.lastError() != null) ? " (" + status.lastError() + ")" : ""));
		}
		try {
			return this.uploads.levels().snapshot(deadline);
		}
		catch (IOException ex) {
			throw new LitestreamException("No snapshot of '" + name() + "' could be written: " + ErrorLog.describe(ex),
					ex);
		}
	}

	/**
	 * Somebody has listed the replica: if it holds files of another writer, replication
	 * ends soon.
	 * @param listings all levels, complete
	 */
	public void seen(List<LtxListing> listings) {
		this.uploads.levels().seen(listings);
	}

	/**
	 * Begins to sync all commits, and does not wait: to be called for all databases that
	 * stop before waiting for the first of them.
	 */
	public void prepareStop() {
		if (this.running && this.claim.database() != null && !this.claim.isGone()) {
			this.acknowledgement.ask();
		}
	}

	/**
	 * The database as it is now, at a known position. Syncs to the end of the WAL, but
	 * does not wait for the replica.
	 * @return the image, to be closed soon, or {@code null} if the database is not being
	 * replicated
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if SQLite fails
	 */
	public @Nullable StillImage still() throws IOException, SQLException {
		OpenDatabase database = whileRunning();
		return (database != null && this.state.isReconciled() && !this.state.hasFailed()) ? database.still() : null;
	}

	/**
	 * Ships the whole database again, as a snapshot that stands for all before it,
	 * because the backup cannot be restored. Does not wait for it.
	 * @return whether it will be shipped, as long as the database is being replicated;
	 * not before it is known whether the database continues the backup
	 */
	public boolean replaceBackup() {
		OpenDatabase database = whileRunning();
		if (database == null || !this.state.isReconciled() || this.state.hasFailed()) {
			return false;
		}
		synchronized (database.sync()) {
			if (!database.sync().replace(ResyncReason.BACKUP_DAMAGED)) {
				return false;
			}
		}
		this.syncs.wake();
		return true;
	}

	/**
	 * Keeps all snapshots and the files before them, or allows their deletion when they
	 * are old.
	 * @param hold whether they stay
	 */
	public void holdSnapshots(boolean hold) {
		this.uploads.levels().holdSnapshots(hold);
	}

	/**
	 * Syncs all commits, waits for the replica, and stops the tasks. Locks and
	 * connections stay until {@link #close(Duration)}: a new start keeps continuity.
	 * @param timeout the longest time that the final sync may take
	 * @return whether everything is replicated
	 */
	public boolean stop(Duration timeout) {
		if (!this.running) {
			return true;
		}
		boolean done = hasNothingToSync() || this.finalSync.atStop(timeout);
		this.running = false;
		Runnable ticks = this.ticks;
		if (ticks != null) {
			ticks.run();
		}
		this.state.stopped();
		return done;
	}

	/**
	 * Whether there is no database yet.
	 * @return whether it was never opened and its file is missing or empty
	 */
	public boolean hasNothingToSync() {
		return this.claim.hasNoDatabase();
	}

	/**
	 * Syncs commits made since {@link #stop}, and releases locks and connections,
	 * read-only ones last: that keeps the WAL.
	 * @param timeout the longest time for these commits
	 */
	public synchronized void close(Duration timeout) {
		this.closing.close(timeout, false);
	}

	/**
	 * Closes as {@link #close} does, at the end of the application: moves the WAL's
	 * content into the database file, which then is the whole database, and remembers the
	 * state of the file. Not while the application goes on: its next commit would restart
	 * the WAL.
	 * @param timeout the longest time for commits made since {@link #stop}
	 */
	public synchronized void end(Duration timeout) {
		this.closing.close(timeout, true);
	}

}
