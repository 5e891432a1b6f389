package dev.litestream.replication;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import dev.litestream.DatabaseOptions;
import dev.litestream.Txid;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The upload task: finds out first where the history goes on ({@link Recovery}), then
 * sends the spool's files to the replica in order ({@link Upload}). After a failure it
 * waits, and looks at the replica again before it goes on. Safe for use by several
 * threads.
 */
final class UploadLoop {

	private static final Logger logger = LoggerFactory.getLogger(UploadLoop.class);

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final Spool spool;

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

	/**
	 * Creates the task; it is not due.
	 * @param options of the database
	 * @param client where to; opened here
	 * @param spool where the files lie
	 * @param progress told of positions
	 * @param state told of successes and failures
	 * @param workers run the task
	 * @param database the database once it is open
	 * @param wakeSync makes the sync task run soon
	 * @param maintenance runs the work on the replica's levels
	 * @param clock the time of day
	 */
	UploadLoop(DatabaseOptions options, ReplicaClient client, Spool spool, Progress progress, StateMachine state,
			Workers workers, Supplier<@Nullable OpenDatabase> database, Runnable wakeSync, Executor maintenance,
			Clock clock) {
		this.options = options;
		this.client = client;
		this.spool = spool;
		this.levels = new LevelLoop(options, client, progress, maintenance, clock, this::lookAgain);
		this.upload = new Upload(client, spool, progress, this.levels::uploaded);
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
	private void lookAgain() {
		this.suspect = true;
		wake();
	}

	/** A file was written and is to be uploaded, at best from memory. */
	void add(SpoolFile file) {
		this.upload.add(file);
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
			else if (this.suspect) {
				verifyReplica(sync);
			}
			uploadAll();
		}
		catch (LtxConflictException ex) {
			synchronized (sync) {
				sync.abandon();
			}
			this.state.conflicted(ex);
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

	private void uploadAll() throws IOException {
		boolean any = false;
		while (this.upload.next()) {
			any = true;
			this.state.replicating();
			// What has gathered meanwhile goes into the next file.
			this.wakeSync.run();
		}
		if (any) {
			beginAnew();
		}
	}

	private void beginAnew() {
		this.outages.reset();
		this.refusals.reset();
	}

	private void reconcile(Sync sync) throws IOException {
		Recovery recovery = new Recovery(sync, this.spool, this.options.metaPath());
		List<LtxListing> listings;
		try {
			DurabilityRequirement.open(this.client, this.options);
			listings = this.client.listAll();
		}
		catch (IOException ex) {
			if (!sync.isReady()) {
				this.offlineBase = recovery.resumeLocally();
				this.progress.spooled(sync.txid());
				this.wakeSync.run();
			}
			throw ex;
		}
		recovery.dropDamaged();
		recovery.compareNewest(this.client, listings);
		if (this.offlineBase == null) {
			recovery.fetchNewest(this.client, listings);
		}
		synchronized (sync) {
			goOn(sync, recovery.decide(listings, this.offlineBase));
			this.progress.walSize = sync.walSize();
			this.progress.databaseBytes = sync.databaseSize();
			this.state.reconciled();
		}
		this.levels.listed(listings);
		logger.atInfo()
			.addKeyValue("database", this.options.name())
			.addKeyValue("txid", sync.txid())
			.log("{}: replicating to {} from TXID {}", this.options.name(), this.client.location(), sync.txid());
		beginAnew();
		this.state.replicating();
		this.wakeSync.run();
	}

	/**
	 * After a failure the replica may be another than before: emptied, restored from an
	 * older state, or taken over by another writer.
	 */
	private void verifyReplica(Sync sync) throws IOException {
		DurabilityRequirement.open(this.client, this.options);
		List<LtxListing> listings = this.client.listAll();
		Txid remote = Recovery.maxTxid(listings);
		synchronized (sync) {
			if (remote.isAfter(sync.txid())) {
				throw new LtxConflictException("The replica " + this.client.location() + " holds TXID " + remote
						+ ", but this application has only written up to " + sync.txid());
			}
			// What the spool could not take yet is no file that the replica lacks for
			// good.
			this.spool.storeWaiting();
			Recovery recovery = new Recovery(sync, this.spool, this.options.metaPath());
			goOn(sync, recovery.decide(listings, sync.txid()));
			this.suspect = false;
		}
		this.levels.listed(listings);
		if (this.upload.backlog() == 0) {
			// Else the first file that it takes tells.
			this.state.replicating();
		}
		this.wakeSync.run();
	}

	/** Queues what the replica lacks. Under the sync's monitor: nothing is added. */
	private void goOn(Sync sync, List<SpoolFile> pending) throws IOException {
		this.upload.clear();
		pending.forEach(this.upload::add);
		Txid replicated = pending.isEmpty() ? sync.txid() : pending.get(0).minTxid().previous();
		this.progress.positions(sync.txid(), replicated);
		this.spool.removeUpTo(replicated);
	}

}
