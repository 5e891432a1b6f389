package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import dev.litestream.ReplicationState;
import dev.litestream.Txid;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.LockConnections;
import dev.litestream.sqlite.PhysicalConnection;
import dev.litestream.wal.WalHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicates one database. Three tasks on shared threads, none of which runs twice at
 * once:
 * <ul>
 * <li>sync: woken by commits and by a tick, turns new frames into LTX files in the
 * spool;</li>
 * <li>upload: sends these to the replica in order; at first it finds out where the
 * history goes on ({@link Recovery});</li>
 * <li>checkpoint: woken when the WAL has grown ({@link Checkpointer}).</li>
 * </ul>
 * While a file is on its way, commits gather for the next one, unless the WAL grows fast.
 */
public final class Replicator implements ReplicatedDatabase {

	private static final Logger logger = LoggerFactory.getLogger(Replicator.class);

	/** A commit listener fires before the frames are written: how long to look again. */
	private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(4);

	private static final long LOOK_PAUSE = TimeUnit.MICROSECONDS.toNanos(20);

	/** From this many WAL bytes on, files are written ahead of the upload. */
	private static final long WRITE_AHEAD = 4L << 20;

	/** Files that may wait while others are written ahead. */
	private static final int AHEAD = 4;

	/** From this many WAL bytes on, files are written ahead however many wait. */
	private static final long MUST_WRITE = 32L << 20;

	/** How often the WAL's growth is looked at while a file is on its way. */
	private static final long RECHECK = TimeUnit.MILLISECONDS.toNanos(20);

	/** Checkpoints follow each other at this distance unless the WAL is large. */
	private static final long CHECKPOINT_PAUSE = TimeUnit.MILLISECONDS.toNanos(250);

	private static final long LARGE_WAL = 48L << 20;

	/** For so long frames are looked for after a signal, then only at every tick. */
	private static final long LOOK_AT_MOST = TimeUnit.SECONDS.toNanos(1);

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final ReplicationListener listener;

	private final Workers workers;

	private final Clock clock;

	private final Progress progress;

	private final Spool spool;

	private final Upload upload;

	private final ObjectRate rate;

	private final ErrorLog errors;

	private final Backoff backoff = new Backoff();

	private final SerialTask syncTask;

	private final SerialTask uploadTask;

	private final SerialTask checkpointTask;

	private volatile boolean running;

	private volatile @Nullable Runnable ticks;

	private volatile long uploadNotBefore = System.nanoTime();

	/** Set at each tick: the next sync need not wait for the upload. */
	private final AtomicBoolean ticked = new AtomicBoolean();

	/** Whether commits need not wake the sync task because something else will. */
	private volatile boolean deferred;

	private final AtomicBoolean wakeUpSet = new AtomicBoolean();

	private volatile long lastCheckpoint = System.nanoTime();

	/**
	 * WAL size at the end of the last checkpoint, in bytes; 0 once the WAL started anew.
	 */
	private volatile long checkpointedTo;

	private int generation;

	private volatile boolean reconciled;

	/**
	 * Whether an upload has failed since the replica was last compared with the spool.
	 */
	private volatile boolean suspect;

	/** Whether the last sync failed, so that the next good one ends that. */
	private volatile boolean syncFailing;

	private @Nullable Txid offlineBase;

	private @Nullable SpoolLock spoolLock;

	private @Nullable LockConnections connections;

	private @Nullable Object fileKey;

	private volatile @Nullable Sync sync;

	private @Nullable Checkpointer checkpointer;

	/**
	 * Prepares replication; nothing is touched before {@link #start()}.
	 * @param options how to replicate
	 * @param client where to; opened here, closed by the engine
	 * @param listener told of what happens
	 * @param workers the engine's threads
	 * @param clock the time for LTX headers and status
	 */
	public Replicator(DatabaseOptions options, ReplicaClient client, ReplicationListener listener, Workers workers,
			Clock clock) {
		this.options = options;
		this.client = client;
		this.listener = listener;
		this.workers = workers;
		this.clock = clock;
		this.progress = new Progress(options, client.location(), clock);
		this.spool = new Spool(options.metaPath());
		this.upload = new Upload(client, this.spool, this.progress);
		this.rate = new ObjectRate(options.maxObjectsPerSecond(), System::nanoTime);
		this.errors = new ErrorLog(logger, options.name());
		this.syncTask = new SerialTask(workers.pool(), this::runSync, this::failedUnexpectedly);
		this.uploadTask = new SerialTask(workers.pool(), this::runUpload, this::failedUnexpectedly);
		this.checkpointTask = new SerialTask(workers.pool(), this::runCheckpoint, this::failedUnexpectedly);
	}

	@Override
	public String name() {
		return this.options.name();
	}

	@Override
	public Path path() {
		return this.options.path();
	}

	public DatabaseOptions options() {
		return this.options;
	}

	@Override
	public DatabaseStatus status() {
		return this.progress.status();
	}

	@Override
	public void prepare(Connection connection) throws SQLException {
		PhysicalConnection.prepare(connection, this::signalCommit);
	}

	@Override
	public void signalCommit() {
		this.progress.signalled();
		if (this.running && !this.deferred) {
			this.syncTask.signal();
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
		try {
			if (this.spoolLock == null) {
				this.spoolLock = SpoolLock.take(this.options.metaPath());
				this.spool.open();
			}
		}
		catch (IOException ex) {
			throw new LitestreamException("The local spool of " + this.options.path() + " cannot be used: "
					+ ErrorLog.describe(ex) + "; the application needs write access to " + this.options.metaPath(), ex);
		}
		this.running = true;
		this.progress.state(this.reconciled ? ReplicationState.REPLICATING
				: (this.sync != null) ? ReplicationState.STARTING : ReplicationState.WAITING_FOR_DATABASE);
		this.ticks = this.workers.every(this.options.syncInterval(), this::tick);
		this.syncTask.signal();
		this.uploadTask.signal();
	}

	private void tick() {
		this.ticked.set(true);
		this.syncTask.signal();
		this.uploadTask.signal();
		Sync sync = this.sync;
		if (sync != null && (!sync.isReady() || this.progress.state() == ReplicationState.FAILED)
				&& sync.wal().toFile().length() > this.options.minCheckpointPages() * 4096L) {
			// Nothing is read from the WAL now, but it must not grow without bound.
			this.checkpointTask.signal();
		}
	}

	// sync

	private void runSync() {
		if (!this.running) {
			return;
		}
		try {
			Sync sync = openDatabase();
			if (sync != null && this.running && mayWrite(sync)) {
				syncOnce(sync);
				if (this.syncFailing) {
					this.syncFailing = false;
					replicating();
				}
			}
		}
		catch (IOException | SQLException | RuntimeException ex) {
			this.progress.syncErrors.incrementAndGet();
			this.syncFailing = true;
			failed("The database cannot be synced", ex, ReplicationState.REPLICA_UNAVAILABLE);
		}
	}

	/**
	 * Whether the next file may be written now. If not, the task is woken again by the
	 * upload, the object rate, or a look at how fast the WAL grows; commits need not wake
	 * it until then.
	 */
	private boolean mayWrite(Sync sync) throws IOException {
		if (this.progress.state() == ReplicationState.FAILED) {
			return false;
		}
		this.deferred = false;
		if (sync.isHandingOver()) {
			defer(RECHECK);
			return false;
		}
		boolean ticked = this.ticked.getAndSet(false);
		int backlog = this.upload.backlog();
		if (backlog > 0 && !ticked && !sync.extendsBy((backlog < AHEAD) ? WRITE_AHEAD : MUST_WRITE)) {
			defer(RECHECK);
			return false;
		}
		long wait = this.rate.waitNanos();
		if (wait > 0) {
			defer(wait);
			return false;
		}
		return true;
	}

	private void defer(long nanos) {
		this.deferred = true;
		if (this.wakeUpSet.compareAndSet(false, true)) {
			this.workers.after(nanos, () -> {
				this.wakeUpSet.set(false);
				this.syncTask.signal();
			});
		}
	}

	private void syncOnce(Sync sync) throws IOException, SQLException {
		long signalled = this.progress.signalledSince.getAndSet(Progress.NOTHING);
		Sync.Step step;
		while (true) {
			boolean needsFrame;
			synchronized (sync) {
				step = step(sync, this.options.maxSyncBytes(), signalled);
				needsFrame = sync.needsFrame();
			}
			if (needsFrame) {
				forceFrame();
				this.syncTask.signal();
			}
			if (step != null || signalled == Progress.NOTHING || System.nanoTime() - signalled > LOOK_AGAIN) {
				break;
			}
			LockSupport.parkNanos(LOOK_PAUSE);
		}
		if (step != null && step.limited()) {
			this.progress.signalled();
			this.syncTask.signal();
		}
		else if (step == null && signalled != Progress.NOTHING) {
			lookLater(signalled);
		}
		else if (step == null && this.upload.backlog() == 0 && this.reconciled) {
			caughtUp();
		}
		wakeCheckpoint(sync);
	}

	/**
	 * A signal came, but no frames yet: a large transaction is being written, or there
	 * will be none. Looks again after as long as it has waited so far.
	 */
	private void lookLater(long signalled) {
		long age = System.nanoTime() - signalled;
		if (age < LOOK_AT_MOST && this.progress.signalledSince.compareAndSet(Progress.NOTHING, signalled)) {
			this.workers.after(age, this.syncTask::signal);
		}
	}

	private void caughtUp() {
		if (this.progress.state() == ReplicationState.REPLICATING) {
			this.progress.allReplicated();
			this.progress.recovered();
		}
	}

	private void requireSameFile() {
		Object key;
		try {
			key = DatabaseFile.key(path());
		}
		catch (IOException ex) {
			key = null;
		}
		if (!Objects.equals(key, this.fileKey)) {
			throw new LitestreamException("The database file " + path()
					+ " was moved or replaced while the application has it open; restart the application");
		}
	}

	/** One step under the sync's monitor: counted, queued, told. */
	private Sync.@Nullable Step step(Sync sync, long maxBytes, long signalled) throws IOException, SQLException {
		// The WAL beside another file is no continuation.
		requireSameFile();
		long start = System.nanoTime();
		long since = (signalled != Progress.NOTHING) ? signalled : Progress.now();
		Sync.Step step;
		try {
			step = sync.step(maxBytes, since);
		}
		catch (IOException | SQLException | RuntimeException ex) {
			// Its commits still wait.
			this.progress.signalledSince.compareAndSet(Progress.NOTHING, since);
			throw ex;
		}
		this.progress.syncs.incrementAndGet();
		this.progress.syncNanos.addAndGet(System.nanoTime() - start);
		if (step != null) {
			this.rate.take();
			// On its way to the replica while it is written to the spool: either makes it
			// durable, and what only one of them has is found at the next start.
			this.upload.add(step.file());
			this.uploadTask.signal();
			this.spool.store(step.file());
			this.upload.stored(step.file());
			this.progress.walBytes.addAndGet(step.walBytes());
			if (sync.generation() != this.generation) {
				this.generation = sync.generation();
				this.checkpointedTo = 0;
			}
			this.progress.walSize = sync.walSize();
			this.progress.databaseBytes = sync.databaseSize();
			if (step.resync() != null) {
				this.progress.resyncs.incrementAndGet();
				this.progress.lastResync = step.resync();
				logger.info("{}: resynced as TXID {} with {} bytes because {}", name(), sync.txid(), step.file().size(),
						step.resync().explanation());
				this.listener.resync(name(), step.resync(), sync.txid());
			}
		}
		return step;
	}

	/** Not under the sync's monitor: a checkpoint takes the write lock first. */
	private void forceFrame() throws SQLException {
		LockConnections connections = this.connections;
		if (connections != null) {
			connections.forceFrame();
		}
	}

	private void drain(Sync sync, long offset) throws IOException, SQLException {
		Sync.Step step;
		do {
			long signalled = this.progress.signalledSince.getAndSet(Progress.NOTHING);
			step = step(sync, this.options.maxSyncBytes(), signalled);
		}
		while (step != null && step.limited() && sync.walSize() < offset);
	}

	/** Whether there is a database: an empty file is none yet. */
	private boolean isInitialized() throws IOException {
		Path path = this.options.path();
		return Files.exists(path) && Files.size(path) > 0;
	}

	/** Opens the database once it exists. */
	private synchronized @Nullable Sync openDatabase() throws IOException, SQLException {
		Path path = this.options.path();
		if (this.sync != null) {
			return this.sync;
		}
		if (!this.running || !isInitialized()) {
			return null;
		}
		LockConnections connections = new LockConnections(path, this.options.busyTimeout());
		try {
			Sync sync = new Sync(path, this.options.metaPath(), this.spool, connections, this.clock);
			if (!Files.exists(sync.wal()) || Files.size(sync.wal()) == 0) {
				connections.forceFrame();
			}
			this.connections = connections;
			this.checkpointer = new Checkpointer(sync, this.spool, connections, (offset) -> drain(sync, offset));
			this.fileKey = DatabaseFile.key(path);
			this.sync = sync;
			this.progress.state(ReplicationState.STARTING);
			this.uploadTask.signal();
			return sync;
		}
		catch (IOException | SQLException | RuntimeException ex) {
			connections.close();
			throw ex;
		}
	}

	// upload

	private void runUpload() {
		Sync sync = this.sync;
		if (sync == null || this.progress.state() == ReplicationState.FAILED
				|| System.nanoTime() - this.uploadNotBefore < 0) {
			return;
		}
		try {
			if (!this.reconciled) {
				reconcile(sync);
			}
			else if (this.suspect) {
				verifyReplica(sync);
			}
			boolean any = false;
			while (this.upload.next()) {
				any = true;
				replicating();
				// What has gathered meanwhile goes into the next file.
				this.syncTask.signal();
			}
			if (any) {
				this.backoff.reset();
			}
		}
		catch (LtxConflictException ex) {
			synchronized (sync) {
				sync.abandon();
			}
			failed("Another writer uses the replica", ex, ReplicationState.FAILED);
		}
		catch (IOException | RuntimeException ex) {
			this.suspect = this.reconciled;
			long wait = this.backoff.next().toNanos();
			this.uploadNotBefore = System.nanoTime() + wait;
			this.workers.after(wait, this.uploadTask::signal);
			failed("The replica " + this.client.location() + " does not take files", ex,
					ReplicationState.REPLICA_UNAVAILABLE);
		}
	}

	private void reconcile(Sync sync) throws IOException {
		Recovery recovery = new Recovery(sync, this.spool, this.options.metaPath());
		List<LtxListing> listings;
		try {
			this.client.open();
			listings = this.client.listAll();
		}
		catch (IOException ex) {
			if (!sync.isReady()) {
				this.offlineBase = recovery.resumeLocally();
				this.progress.spooled(sync.txid());
				this.syncTask.signal();
			}
			throw ex;
		}
		recovery.compareNewest(this.client, listings);
		if (this.offlineBase == null) {
			recovery.fetchNewest(this.client, listings);
		}
		synchronized (sync) {
			List<SpoolFile> pending = recovery.decide(listings, this.offlineBase);
			this.upload.clear();
			pending.forEach(this.upload::add);
			Txid replicated = (pending.isEmpty()) ? sync.txid() : pending.get(0).minTxid().previous();
			this.progress.positions(sync.txid(), replicated);
			this.progress.walSize = sync.walSize();
			this.progress.databaseBytes = sync.databaseSize();
			this.reconciled = true;
		}
		logger.info("{}: replicating to {} from TXID {}", name(), this.client.location(), sync.txid());
		this.backoff.reset();
		replicating();
		this.syncTask.signal();
	}

	/**
	 * After a failure the replica may be another than before: emptied, restored from an
	 * older state, or taken over by another writer.
	 */
	private void verifyReplica(Sync sync) throws IOException {
		this.client.open();
		List<LtxListing> listings = this.client.listAll();
		Txid remote = Recovery.maxTxid(listings);
		synchronized (sync) {
			if (remote.isAfter(sync.txid())) {
				throw new LtxConflictException("The replica " + this.client.location() + " holds TXID " + remote
						+ ", but this application has only written up to " + sync.txid());
			}
			Recovery recovery = new Recovery(sync, this.spool, this.options.metaPath());
			List<SpoolFile> pending = recovery.decide(listings, sync.txid());
			this.upload.clear();
			pending.forEach(this.upload::add);
			Txid replicated = (pending.isEmpty()) ? sync.txid() : pending.get(0).minTxid().previous();
			this.progress.positions(sync.txid(), replicated);
			this.suspect = false;
		}
		replicating();
		this.syncTask.signal();
	}

	private void replicating() {
		if (!this.reconciled) {
			return;
		}
		ReplicationState before = this.progress.state();
		if (before != ReplicationState.REPLICATING && before != ReplicationState.STOPPED) {
			this.progress.state(ReplicationState.REPLICATING);
			this.errors.recovered();
			if (before == ReplicationState.REPLICA_UNAVAILABLE) {
				this.listener.replicaBack(name());
			}
		}
		this.progress.recovered();
	}

	private void failedUnexpectedly(Throwable cause) {
		logger.error("{}: a replication task failed unexpectedly", name(), cause);
		failed("Replication failed unexpectedly", cause, ReplicationState.REPLICA_UNAVAILABLE);
		this.syncFailing = true;
	}

	private void failed(String what, Throwable cause, ReplicationState state) {
		this.errors.failed(what, cause);
		boolean first = this.progress.state() != state;
		this.progress.failed(what + ": " + ErrorLog.describe(cause));
		if (first && this.progress.state() != ReplicationState.STOPPED
				&& this.progress.state() != ReplicationState.FAILED) {
			this.progress.state(state);
			this.listener.replicaLost(name(), what + ": " + ErrorLog.describe(cause));
		}
	}

	// checkpoint

	private void wakeCheckpoint(Sync sync) {
		long wal = this.progress.walSize;
		LockConnections connections = this.connections;
		if (connections == null || wal <= WalHeader.SIZE) {
			return;
		}
		long frame = connections.pageSize() + 24L;
		long idle = System.nanoTime() - this.lastCheckpoint;
		Duration interval = this.options.checkpointInterval();
		boolean large = wal - this.checkpointedTo >= this.options.minCheckpointPages() * frame
				&& (idle > CHECKPOINT_PAUSE || wal >= LARGE_WAL);
		boolean old = !interval.isZero() && idle > interval.toNanos() && wal > this.checkpointedTo
				&& wal > WalHeader.SIZE + frame;
		if (large || old) {
			this.checkpointTask.signal();
		}
	}

	private void runCheckpoint() {
		Checkpointer checkpointer = this.checkpointer;
		if (checkpointer != null && this.running) {
			checkpoint(checkpointer);
		}
	}

	private void checkpoint(Checkpointer checkpointer) {
		long start = System.nanoTime();
		try {
			checkpointer.run();
			// Nothing more to do until the WAL has grown again, or has started anew.
			this.checkpointedTo = this.progress.walSize;
			this.progress.checkpoints.incrementAndGet();
		}
		catch (IOException | SQLException | RuntimeException ex) {
			this.progress.checkpointErrors.incrementAndGet();
			this.errors.failed("A checkpoint failed", ex);
		}
		finally {
			this.lastCheckpoint = System.nanoTime();
			this.progress.checkpointNanos.addAndGet(this.lastCheckpoint - start);
		}
	}

	// waiting

	@Override
	public boolean sync(Duration timeout) throws InterruptedException {
		long deadline = System.nanoTime() + timeout.toNanos();
		this.syncTask.signal();
		this.uploadTask.signal();
		if (!this.progress.await(() -> this.reconciled, deadline)) {
			return false;
		}
		Sync sync = this.sync;
		if (sync == null) {
			return false;
		}
		Txid target;
		try {
			target = syncToEndOfWal(sync);
		}
		catch (IOException | SQLException ex) {
			throw new LitestreamException("The database " + path() + " cannot be synced: " + ErrorLog.describe(ex), ex);
		}
		this.progress.await(() -> this.progress.isReplicated(target) || !sync.isReady(), deadline);
		return this.progress.isReplicated(target);
	}

	private Txid syncToEndOfWal(Sync sync) throws IOException, SQLException {
		while (true) {
			synchronized (sync) {
				drain(sync, Long.MAX_VALUE);
				if (!sync.needsFrame()) {
					return sync.txid();
				}
			}
			forceFrame();
		}
	}

	@Override
	public boolean awaitReplicated(Txid txid, Duration timeout) throws InterruptedException {
		return this.progress.await(() -> this.progress.isReplicated(txid), System.nanoTime() + timeout.toNanos());
	}

	/**
	 * Syncs what is committed, waits for the replica, and stops the tasks. Locks and
	 * connections stay until {@link #close(Duration)}, so that continuity is not lost if
	 * it is started again.
	 * @return whether everything is replicated
	 */
	public boolean stop() {
		if (!this.running) {
			return true;
		}
		boolean done = finalSync(this.options.shutdownSyncTimeout());
		this.running = false;
		Runnable ticks = this.ticks;
		if (ticks != null) {
			ticks.run();
		}
		this.progress.state(ReplicationState.STOPPED);
		return done;
	}

	private boolean finalSync(Duration timeout) {
		boolean done = false;
		try {
			if (this.sync == null && !isInitialized()) {
				return true;
			}
			done = sync(timeout);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (IOException | LitestreamException ex) {
			logger.error("{}: {}", name(), ErrorLog.describe(ex));
		}
		DatabaseStatus status = status();
		if (done) {
			logger.info("{}: everything up to TXID {} is replicated", name(), status.replicatedTxid());
		}
		else {
			logger.error("{}: NOT everything is replicated: the replica has TXID {} of {}; {} bytes wait in {}{}",
					name(), status.replicatedTxid(), status.txid(), status.counters().spoolBytes(),
					this.options.metaPath(), (status.lastError() != null) ? " (" + status.lastError() + ")" : "");
		}
		return done;
	}

	/**
	 * Stops if needed, syncs once more what was written since, and releases locks and
	 * connections, read-only ones last so that the WAL stays.
	 * @param timeout the longest time for what was written since {@link #stop()}
	 */
	public synchronized void close(Duration timeout) {
		Sync sync = this.sync;
		if (sync != null) {
			residualSync(sync, timeout);
			LockConnections connections = this.connections;
			if (connections != null) {
				// In the order of a checkpoint, which syncs under the write lock.
				connections.outsideWriteLock(() -> {
					synchronized (sync) {
						connections.close();
					}
				});
			}
			this.sync = null;
			this.connections = null;
			this.checkpointer = null;
		}
		this.reconciled = false;
		this.offlineBase = null;
		this.upload.clear();
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

	private void residualSync(Sync sync, Duration timeout) {
		Txid before = this.progress.replicated();
		try {
			if (this.reconciled && !sync(timeout)) {
				logger.error("{}: what was written last is NOT replicated yet; it waits in {}", name(),
						this.options.metaPath());
			}
			else if (this.progress.replicated().isAfter(before)) {
				logger.info("{}: everything up to TXID {} is replicated", name(), this.progress.replicated());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (LitestreamException ex) {
			logger.error("{}: {}", name(), ex.getMessage());
		}
	}

}
