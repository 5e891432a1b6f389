package dev.litestream.replication;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import dev.litestream.DatabaseOptions;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The upload task: finds out first where the history goes on ({@link Recovery}), then
 * sends the spool's files to the replica in order ({@link Upload}). After a failure it
 * waits, and looks at the replica again before it goes on. Safe for use by several
 * threads.
 */
final class UploadLoop {

	private static final Logger logger = LoggerFactory.getLogger(UploadLoop.class);

	/** How often an active replica is asked whether it still holds what was written. */
	private static final long CHECK_INTERVAL = TimeUnit.SECONDS.toNanos(5);

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final Spool spool;

	private final KnownPages known;

	private final Identity identity;

	private final Upload upload;

	private final Progress progress;

	private final StateMachine state;

	private final Workers workers;

	private final Supplier<@Nullable OpenDatabase> database;

	private final Runnable wakeSync;

	private final LevelLoop levels;

	private final SerialTask task;

	private final Backoff outages = new Backoff(Backoff.FIVE_SECONDS);

	private final Backoff refusals = new Backoff(Backoff.FIVE_MINUTES);

	/** Whether somebody waits since the last failure. */
	private volatile boolean impatient;

	private volatile long notBefore = System.nanoTime();

	/**
	 * Whether an upload has failed since the replica was last compared with the spool.
	 */
	private volatile boolean suspect;

	/** The position from which syncs went on without the replica. */
	private volatile @Nullable Txid offlineBase;

	/** What the client has counted when the replica was last looked at. */
	private volatile long disturbances;

	/** The newest raw file that the replica is known to hold. */
	private volatile @Nullable LtxFileInfo newest;

	/** What was the newest when it was last asked whether the replica still holds it. */
	private volatile @Nullable LtxFileInfo witness;

	/** When it was last asked whether the replica still holds what was written. */
	private volatile long checked = System.nanoTime();

	/**
	 * Creates the task; it is not due.
	 * @param options of the database
	 * @param client where to; opened here
	 * @param spool where the files lie
	 * @param known told of what the replica holds
	 * @param identity of the database and the replica
	 * @param progress told of positions
	 * @param state told of successes and failures
	 * @param workers run the task
	 * @param database the database once it is open
	 * @param wakeSync makes the sync task run soon
	 * @param maintenance runs the work on the replica's levels
	 * @param clock the time of day
	 */
	UploadLoop(DatabaseOptions options, ReplicaClient client, Spool spool, KnownPages known, Identity identity,
			Progress progress, StateMachine state, Workers workers, Supplier<@Nullable OpenDatabase> database,
			Runnable wakeSync, Executor maintenance, Clock clock) {
		this.options = options;
		this.client = client;
		this.spool = spool;
		this.known = known;
		this.identity = identity;
		this.levels = new LevelLoop(options, client, progress, maintenance, clock, this::lookAgain);
		this.upload = new Upload(client, spool, known, progress, this.levels::uploaded);
		this.progress = progress;
		this.state = state;
		this.workers = workers;
		this.database = database;
		this.wakeSync = wakeSync;
		this.task = new SerialTask(workers.uploads(client.store()), this::run, state::failedUnexpectedly);
	}

	/** Makes the task run soon. */
	void wake() {
		this.task.signal();
	}

	/** The work on the replica's levels. */
	LevelLoop levels() {
		return this.levels;
	}

	/** Makes the work on the replica's levels run if it is due. */
	void tickLevels() {
		this.levels.tick();
	}

	/** The replica is not as it should be: it is compared with the spool once more. */
	void lookAgain() {
		this.suspect = true;
		wake();
	}

	/** A file was written and is to be uploaded, at best from memory. */
	void add(SpoolFile file) {
		this.upload.add(file);
		wake();
	}

	/** A snapshot was written behind the raw file of its position. */
	void add(SpoolFile raw, SpoolFile snapshot) {
		this.upload.add(raw, snapshot);
		wake();
	}

	/** A file has been written to the spool too. */
	void stored(SpoolFile file) {
		this.upload.stored(file);
	}

	/** How many files wait. */
	int backlog() {
		return this.upload.backlog();
	}

	/** Somebody waits: makes the task run soon, and begins anew with short waits. */
	void retryNow() {
		this.impatient = true;
		this.notBefore = System.nanoTime();
		wake();
	}

	/** The database is closed: what waits is found in the spool at the next start. */
	void closed() {
		this.offlineBase = null;
		this.suspect = false;
		this.upload.clear();
		this.levels.awaitEnd();
	}

	private void run() {
		OpenDatabase database = this.database.get();
		if (database == null || this.state.hasFailed() || System.nanoTime() - this.notBefore < 0) {
			return;
		}
		Sync sync = database.sync();
		try {
			if (!this.state.isReconciled()) {
				reconcile(sync);
			}
			else if (this.suspect || isDisturbed()) {
				verifyReplica(sync);
			}
			uploadAll();
		}
		catch (LtxConflictException ex) {
			abandon(sync);
			this.state.conflicted(ex);
		}
		catch (DatabaseMismatchException ex) {
			abandon(sync);
			this.state.mismatched(ex);
		}
		catch (IOException | RuntimeException ex) {
			this.suspect = this.state.isReconciled();
			if (this.impatient) {
				this.impatient = false;
				beginAnew();
			}
			Backoff backoff = (ex instanceof ReplicaUnavailableException) ? this.outages : this.refusals;
			long wait = backoff.next().toNanos();
			this.notBefore = System.nanoTime() + wait;
			this.workers.after(wait, this.task::signal);
			this.state.replicaFailed(this.client.location(), ex);
		}
	}

	private static void abandon(Sync sync) {
		synchronized (sync) {
			sync.abandon();
		}
	}

	private void uploadAll() throws IOException {
		boolean any = false;
		for (LtxFileInfo written = this.upload.next(); written != null; written = this.upload.next()) {
			any = true;
			this.newest = written;
			this.witness = (this.witness != null) ? this.witness : written;
			this.state.replicating();
			// What has gathered meanwhile goes into the next file.
			this.wakeSync.run();
			if (this.client.disturbances() != this.disturbances) {
				// Looked at before anything else is sent.
				wake();
				break;
			}
		}
		if (any) {
			beginAnew();
			checkReplica();
		}
	}

	private void beginAnew() {
		this.outages.reset();
		this.refusals.reset();
	}

	/**
	 * Now and then after an upload, looks whether the replica still holds what was
	 * written before: it may have been emptied without anything having failed. Idle
	 * databases ask nothing.
	 */
	private void checkReplica() throws IOException {
		long now = System.nanoTime();
		if (now - this.checked > CHECK_INTERVAL) {
			this.checked = now;
			// Not a file of since then: it may have been written after the emptying.
			LtxFileInfo before = this.witness;
			this.witness = this.newest;
			if (isAnother(before)) {
				this.suspect = true;
				wake();
			}
		}
	}

	/**
	 * Whether something happened to the storage, and it is not as we left it.
	 */
	private boolean isDisturbed() throws IOException {
		long disturbances = this.client.disturbances();
		if (disturbances == this.disturbances) {
			return false;
		}
		boolean another = isAnother(this.newest);
		this.disturbances = disturbances;
		return another;
	}

	/**
	 * Whether the replica was recreated or lacks a file. Not for certain: a file may also
	 * have been compacted since.
	 */
	private boolean isAnother(@Nullable LtxFileInfo file) throws IOException {
		return !this.client.identity().equals(this.identity.storage()) || (file != null && !this.client.exists(file));
	}

	/** What the replica is known to hold, as it was just looked at. */
	private void found(List<LtxListing> listings) throws IOException {
		this.newest = listings.get(0).newest();
		this.witness = this.newest;
		this.identity.rememberReplica(this.client.location(), this.client.identity());
	}

	private void reconcile(Sync sync) throws IOException {
		List<LtxListing> listings;
		try {
			DurabilityRequirement.open(this.client, this.options);
			this.disturbances = this.client.disturbances();
			listings = this.client.listAll();
		}
		catch (IOException ex) {
			if (!sync.isReady()) {
				this.offlineBase = recovery(sync).resumeLocally();
				this.progress.spooled(sync.txid());
				this.wakeSync.run();
			}
			throw ex;
		}
		decide(sync, listings, sync.isReady() ? this.offlineBase : null);
		found(listings);
		this.levels.listed(listings);
		LoggingEventBuilder event = logger.atInfo().addKeyValue("database", this.options.name());
		(sync.txid().isZero() ? event : event.addKeyValue("txid", sync.txid())).log("{}: replicating to {} from {}",
				this.options.name(), this.client.location(),
				sync.txid().isZero() ? "the beginning" : "TXID " + sync.txid());
		beginAnew();
		this.state.replicating();
		this.wakeSync.run();
	}

	private Recovery recovery(Sync sync) {
		return new Recovery(sync, this.spool, this.known, this.identity, this.options, this.client);
	}

	/**
	 * Finds out where the history goes on, and goes on there.
	 * @param offlineBase the position from which syncs went on without looking at the
	 * replica, or {@code null} if they did not go on
	 */
	private void decide(Sync sync, List<LtxListing> listings, @Nullable Txid offlineBase) throws IOException {
		synchronized (sync) {
			this.spool.storeWaiting();
		}
		Recovery recovery = recovery(sync);
		recovery.look(listings, offlineBase == null, this.progress.replicated());
		if (this.state.isReconciled() && recovery.hasDiverged()) {
			throw new LtxConflictException("The replica " + this.client.location() + " holds another file as TXID "
					+ Recovery.maxTxid(listings) + " than this application has written. Another application"
					+ " replicates there now; stop it, or give each a bucket or litestream.dbs[].replica.path of its own, then start"
					+ " this one again");
		}
		Recovery.Decision decision;
		synchronized (sync) {
			// What the spool could not take yet is seen by nobody: it would be dropped
			// from the queue, and count as replicated. Nothing is added from here on.
			this.spool.storeWaiting();
			decision = recovery.decide(listings, offlineBase);
			if (decision.resync() == null) {
				goOn(sync, decision.pending(), Recovery.maxTxid(listings));
			}
			else {
				sync.abandon();
				// No update moves the hashes to the history that is given up.
				this.known.forgetAcknowledged();
				this.state.unreconciled();
			}
		}
		if (decision.resync() != null) {
			Recovery.Resync resync = decision.resync();
			// May read much of the replica, while checkpoints need the sync's monitor.
			Continuation continuation = recovery.prepare(resync, listings);
			synchronized (sync) {
				if (resync.clear()) {
					this.spool.clear();
				}
				sync.resync(resync.base(), resync.reason(), resync.snapshot(), continuation);
				goOn(sync, decision.pending(), Recovery.maxTxid(listings));
			}
		}
	}

	/**
	 * After a failure or a reconnection the replica may be another than before: emptied,
	 * restored from an older state, or taken over by another writer.
	 */
	private void verifyReplica(Sync sync) throws IOException {
		long disturbances = this.client.disturbances();
		DurabilityRequirement.open(this.client, this.options);
		List<LtxListing> listings = this.client.listAll();
		Txid remote = Recovery.maxTxid(listings);
		Txid txid;
		synchronized (sync) {
			txid = sync.txid();
		}
		if (remote.isAfter(txid)) {
			throw new LtxConflictException("The replica " + this.client.location() + " holds TXID " + remote
					+ ", but this application has only written up to " + txid + ". Another application replicates"
					+ " there now and has taken over; stop it, or give each a bucket or litestream.dbs[].replica.path of its own,"
					+ " then start this one again");
		}
		decide(sync, listings, sync.isReady() ? txid : null);
		found(listings);
		this.disturbances = disturbances;
		this.suspect = false;
		this.levels.listed(listings);
		if (this.upload.backlog() == 0) {
			// Else the first file that it takes tells.
			this.state.replicating();
		}
		this.wakeSync.run();
	}

	/** Queues what the replica lacks. Under the sync's monitor: nothing is added. */
	private void goOn(Sync sync, List<SpoolFile> pending, Txid remote) throws IOException {
		this.upload.clear();
		pending.forEach(this.upload::add);
		Txid replicated = pending.isEmpty() ? sync.txid() : pending.get(0).before();
		this.progress.positions(sync.txid(), replicated.isAfter(remote) ? remote : replicated);
		this.progress.walSize = sync.walSize();
		this.progress.databaseBytes = sync.databaseSize();
		this.state.reconciled();
	}

}
