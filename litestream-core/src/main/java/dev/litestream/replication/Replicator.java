package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicationListener;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.capture.CommitSignals;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.LastStop;
import dev.litestream.continuity.PageHashes;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.spool.FileStamp;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolLock;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.LiveCheck;
import dev.litestream.sqlite.PhysicalConnection;
import dev.litestream.sqlite.StillImage;
import dev.litestream.threads.Workers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicates one database, from {@link #start()} to {@link #close}. Three tasks on shared
 * threads, none of which runs twice at the same time:
 * <ul>
 * <li>sync: woken by commits and by a tick, turns new frames into LTX files in the spool
 * ({@link SyncLoop});</li>
 * <li>upload: sends these to the replica in order ({@link UploadLoop});</li>
 * <li>checkpoint: woken when the WAL has grown ({@link CheckpointLoop}).</li>
 * </ul>
 * A fourth one works on what the replica holds, a few databases at a time
 * ({@link LevelLoop}). This class opens the database once it exists, and starts and ends
 * what works on it.
 */
public final class Replicator {

	private static final Logger logger = LoggerFactory.getLogger(Replicator.class);

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final Workers workers;

	private final Clock clock;

	private final CommitSignals signals = new CommitSignals();

	private final Progress progress;

	private final StateMachine state;

	private final Spool spool;

	private final KnownPages known;

	private final Provenance provenance;

	private final UploadLoop uploads;

	private final CheckpointLoop checkpoints;

	private final Shipping shipping;

	private final SyncLoop syncs;

	private final EndOfWal endOfWal;

	private volatile boolean running;

	private volatile @Nullable Runnable ticks;

	private @Nullable SpoolLock spoolLock;

	/** Whether it was looked at what the last stop has left. */
	private boolean looked;

	private volatile @Nullable OpenDatabase database;

	/**
	 * Prepares replication; nothing is touched before {@link #start()}.
	 * @param options how to replicate
	 * @param client where to; opened here, closed by the engine
	 * @param listener told of what happens
	 * @param workers the engine's threads
	 * @param maintenance runs the work on the replica's levels, on the engine's threads
	 * @param clock the time for LTX headers and status
	 */
	public Replicator(DatabaseOptions options, ReplicaClient client, ReplicationListener listener, Workers workers,
			Executor maintenance, Clock clock) {
		this.options = options;
		this.client = client;
		this.workers = workers;
		this.clock = clock;
		this.progress = new Progress(options, client.location(), client::condition, client::isConnected, clock,
				this.signals);
		this.state = new StateMachine(options.name(), this.progress, listener);
		this.spool = new Spool(options.metaPath());
		ObjectRate rate = new ObjectRate(options.maxObjectsPerSecond(), System::nanoTime);
		this.known = new KnownPages(options.name(), this.spool, new PageHashes(options.metaPath()), workers);
		this.provenance = new Provenance(options.metaPath());
		this.uploads = new UploadLoop(options, client, this.spool, this.known, this.provenance, this.progress,
				this.state, workers, () -> this.database, this::wakeSync, maintenance, clock);
		this.checkpoints = new CheckpointLoop(options, this.progress, this.state, workers, this::whileRunning);
		this.shipping = new Shipping(options.name(), this.progress, rate, this.uploads, this.checkpoints, this.state,
				listener);
		this.uploads.levels().tell(listener);
		this.syncs = new SyncLoop(this.signals, this.state, rate, this.uploads, this.checkpoints, workers,
				this::openWhileRunning);
		this.endOfWal = new EndOfWal(() -> this.database, workers);
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
	 * called before anything is done to either. Does nothing if they are taken.
	 * @throws LitestreamException if another replicator works on the database
	 */
	public synchronized void claim() {
		try {
			if (this.spoolLock == null) {
				SpoolLock lock = SpoolLock.take(this.options.path(), this.options.metaPath());
				try {
					this.spool.open();
					lookEarly();
				}
				catch (IOException | RuntimeException ex) {
					lock.close();
					throw ex;
				}
				this.spoolLock = lock;
			}
		}
		catch (IOException ex) {
			throw new LitestreamException("The local spool of " + this.options.path() + " cannot be used: "
					+ ErrorLog.describe(ex) + "; the application needs write access to " + this.options.metaPath(), ex);
		}
	}

	private void look() throws IOException {
		if (isInitialized()) {
			this.looked = new LastStop(this.options.file(), this.spool, this.provenance).look();
		}
	}

	/** What cannot be read now is looked at when it is opened, and reported then. */
	private void lookEarly() {
		try {
			look();
		}
		catch (IOException ex) {
			logger.debug("{}: what the last stop has left could not be looked at yet", name(), ex);
		}
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
		this.state.started(this.database != null);
		this.ticks = this.workers.tick(this.options.syncInterval(), this::tick);
		this.syncs.wake();
		this.uploads.wake();
	}

	private void tick() {
		OpenDatabase database = this.database;
		// Files grow old while nobody commits.
		this.uploads.tickLevels();
		if (isIdle(database)) {
			return;
		}
		this.syncs.tick();
		this.uploads.wake();
		if (database != null) {
			this.checkpoints.tick(database);
		}
	}

	/** Whether there is nothing to do: the usual case, and it has to cost little. */
	private boolean isIdle(@Nullable OpenDatabase database) {
		try {
			if (database == null) {
				return !isInitialized();
			}
			if (!this.syncs.isIdle(database)) {
				return false;
			}
			this.shipping.foundNothing();
			this.state.caughtUp();
			lookWhetherReplicaIsWithinReach();
			this.checkpoints.wake(database);
			return true;
		}
		catch (IOException ex) {
			// The task will fail in the same way, and report it.
			return false;
		}
	}

	/** Nobody else notices while nothing is sent. */
	private void lookWhetherReplicaIsWithinReach() {
		String outage = this.client.outage();
		if (outage != null) {
			this.state.outOfReach(this.client.location(),
					new ReplicaUnavailableException(
							outage + ". Nothing waits for it; what is committed meanwhile is kept in "
									+ this.options.metaPath() + " and sent once it is back"));
		}
		else if (this.state.isOutOfReach() || !this.client.isConnected()) {
			// It may be another than before, or be gone for another reason.
			this.state.withinReach();
			this.uploads.lookAgain();
		}
	}

	/** For checkpoints, which end when it is stopped. */
	private @Nullable OpenDatabase whileRunning() {
		return this.running ? this.database : null;
	}

	private @Nullable OpenDatabase openWhileRunning() throws IOException, SQLException {
		if (this.running && this.database == null) {
			open();
		}
		return whileRunning();
	}

	private synchronized void open() throws IOException, SQLException {
		if (this.running && this.database == null && isInitialized()) {
			if (!this.looked) {
				look();
			}
			this.provenance.opened();
			this.looked = false;
			this.database = OpenDatabase.open(this.options, this.spool, this.known, this.provenance, this.signals,
					this.shipping, this.clock);
			this.state.opened();
			this.uploads.wake();
		}
	}

	/** Whether there is a database: an empty file is none yet. */
	private boolean isInitialized() throws IOException {
		Path path = this.options.path();
		return Files.exists(path) && Files.size(path) > 0;
	}

	/**
	 * Syncs everything committed before this call and waits for the replica. What is not
	 * done in time goes on without anybody waiting.
	 * @param timeout the longest time to wait, for disk and replica together
	 * @return whether everything was replicated in time
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	public boolean sync(Duration timeout) throws InterruptedException {
		long deadline = System.nanoTime() + timeout.toNanos();
		this.syncs.retryNow();
		this.uploads.retryNow();
		OpenDatabase database;
		@Nullable Txid target;
		do {
			if (!this.progress.await(() -> this.state.isReconciled() || this.state.hasFailed(), deadline)
					|| this.state.hasFailed()) {
				return false;
			}
			database = this.database;
			if (database == null) {
				return false;
			}
			target = syncToEndOfWal(database, deadline);
			if (target == null) {
				return false;
			}
			this.syncs.worksAgain();
			awaitReplicatedOrRewound(database, target, deadline);
			// A replica that has lost files makes the history go on before the target,
			// and
			// a sync that is given up meanwhile has not looked at anything.
		}
		while ((this.progress.txid().isBefore(target) || !database.sync().isContinuationKnown())
				&& System.nanoTime() - deadline < 0);
		boolean replicated = database.sync().isContinuationKnown() && this.progress.isReplicated(target);
		if (replicated && !target.isZero()) {
			// the upload tells the position first and the state right after
			this.progress.await(() -> this.progress.state() != ReplicationState.STARTING, deadline);
		}
		return replicated;
	}

	/**
	 * Syncs to the end of the WAL.
	 * @return the position, or {@code null} if that was not done in time
	 */
	private @Nullable Txid syncToEndOfWal(OpenDatabase database, long deadline) throws InterruptedException {
		Throwable failure;
		try {
			if (database.isAtEndOfWal()) {
				this.shipping.foundNothing();
				return database.sync().txid();
			}
			return this.endOfWal.ask().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			return null;
		}
		catch (ExecutionException ex) {
			failure = ex.getCause();
		}
		catch (IOException ex) {
			failure = ex;
		}
		if (failure instanceof RuntimeException unchecked) {
			throw unchecked;
		}
		if (failure instanceof Error error) {
			throw error;
		}
		throw new LitestreamException("The database " + path() + " cannot be synced: " + ErrorLog.describe(failure),
				failure);
	}

	private void awaitReplicatedOrRewound(OpenDatabase database, Txid target, long deadline)
			throws InterruptedException {
		this.progress.await(() -> this.progress.isReplicated(target) || !database.sync().isContinuationKnown()
				|| this.progress.txid().isBefore(target), deadline);
	}

	/**
	 * Waits until the replica has acknowledged a position.
	 * @param txid the position to wait for
	 * @param timeout the longest time to wait
	 * @return whether the position was replicated in time
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	public boolean awaitReplicated(Txid txid, Duration timeout) throws InterruptedException {
		return this.progress.await(() -> this.progress.isReplicated(txid), System.nanoTime() + timeout.toNanos());
	}

	/**
	 * Syncs everything committed before this call, waits for the replica, and writes a
	 * snapshot there.
	 * @param timeout the longest time to wait until it begins
	 * @return the snapshot, which the replica may have had before
	 * @throws LitestreamException if it was not written
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	public LtxFileInfo snapshot(Duration timeout) throws InterruptedException {
		long deadline = System.nanoTime() + timeout.toNanos();
		// After an outage the last file is acknowledged a moment before the state says
		// so.
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
	 * Begins to sync what is committed, and does not wait: to be called for all databases
	 * that stop before the first of them is waited for.
	 */
	public void prepareStop() {
		if (this.running && this.database != null && !isGone()) {
			this.endOfWal.ask();
		}
	}

	/**
	 * Whether the database was open and its file has another name now, or none.
	 */
	boolean isGone() {
		OpenDatabase database = this.database;
		return database != null && !database.isSameFile();
	}

	/**
	 * Waits until everything that was synced so far is replicated. Before the replica has
	 * been heard of nobody knows what that is.
	 */
	boolean awaitSynced(Duration timeout) throws InterruptedException {
		return this.progress.await(() -> this.state.isReconciled() && this.progress.isReplicated(this.progress.txid()),
				System.nanoTime() + timeout.toNanos());
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
	 * Lets SQLite check the database as it is now. Reads all of it.
	 * @return what SQLite finds wrong with it, or {@code null} if it is whole
	 * @throws SQLException if it cannot be checked
	 */
	public @Nullable String findings() throws SQLException {
		return LiveCheck.findings(this.options.file(), this.options.busyTimeout());
	}

	/**
	 * Ships the whole database once more, as a snapshot that stands for all before it,
	 * because what the replica holds does not restore. Does not wait for it.
	 * @return whether it will be, as long as the database is being replicated; not while
	 * it is yet to be found out whether it is the continuation of the backup
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
	 * Keeps all snapshots and what is before them, or lets them go when they are old.
	 * @param hold whether they stay
	 */
	public void holdSnapshots(boolean hold) {
		this.uploads.levels().holdSnapshots(hold);
	}

	/**
	 * Syncs what is committed, waits for the replica, and stops the tasks. Locks and
	 * connections stay until {@link #close(Duration)}, so that continuity is not lost if
	 * it is started again.
	 * @return whether everything is replicated
	 */
	public boolean stop() {
		return stop(this.options.shutdownSyncTimeout());
	}

	/**
	 * Stops as {@link #stop()} does.
	 * @param timeout the longest time that the final sync may take
	 * @return whether everything is replicated
	 */
	public boolean stop(Duration timeout) {
		if (!this.running) {
			return true;
		}
		boolean done = hasNothingToSync() || new FinalSync(this).atStop(timeout);
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
		try {
			return this.database == null && !isInitialized();
		}
		catch (IOException ex) {
			logger.error("{}: {}", name(), ErrorLog.describe(ex));
			return false;
		}
	}

	/** Whoever copies the file may not think of the WAL. */
	private boolean moveIntoFile(OpenDatabase database) {
		try {
			database.checkpoint();
			return true;
		}
		catch (IOException | SQLException | RuntimeException ex) {
			logger.debug("{}: the WAL was not moved into the database file at the end", name(), ex);
			return false;
		}
	}

	private void rememberClosed(OpenDatabase database) {
		try {
			FileStamp stamp = FileStamp.of(this.options.file());
			// Another file may have taken its place since.
			if (database.isSameFile()) {
				this.provenance.rememberClosed(stamp);
			}
		}
		catch (IOException ex) {
			logger.debug("{}: what the file looks like could not be noted", name(), ex);
		}
	}

	private void rememberGone() {
		try {
			this.provenance.rememberDatabaseGone();
		}
		catch (IOException ex) {
			logger.debug("{}: what became of the file could not be noted", name(), ex);
		}
	}

	/**
	 * Syncs once more what was written since {@link #stop()}, and releases locks and
	 * connections, read-only ones last so that the WAL stays.
	 * @param timeout the longest time for what was written since
	 */
	public synchronized void close(Duration timeout) {
		close(timeout, false);
	}

	/**
	 * Closes as {@link #close} does, at the end of the application: what is in the WAL is
	 * moved into the database file, so that the file alone is the whole database, and it
	 * is remembered what the file looks like. Not while the application goes on: its next
	 * commit would start the WAL anew.
	 * @param timeout the longest time for what was written since {@link #stop()}
	 */
	public synchronized void end(Duration timeout) {
		close(timeout, true);
	}

	private void close(Duration timeout, boolean end) {
		try {
			OpenDatabase database = this.database;
			if (database != null) {
				close(database, timeout, end);
			}
		}
		finally {
			this.state.closed();
			this.uploads.closed();
			release();
		}
	}

	private void close(OpenDatabase database, Duration timeout, boolean end) {
		boolean inOrder = false;
		try {
			if (isGone()) {
				rememberGone();
			}
			else if (this.state.isReconciled()) {
				new FinalSync(this).atClose(timeout);
			}
			// Also without the replica: what the spool has is as good.
			inOrder = end && !isGone() && database.sync().isContinuationKnown() && moveIntoFile(database);
		}
		finally {
			database.close();
			this.database = null;
		}
		this.known.update();
		if (inOrder) {
			rememberClosed(database);
		}
	}

	private void release() {
		DatabaseFile.letGo(this.options.file());
		try {
			if (this.spoolLock != null) {
				this.spoolLock.close();
				this.spoolLock = null;
			}
		}
		catch (IOException ex) {
			logger.debug("{}: the lock of the spool could not be released", name(), ex);
		}
	}

}
