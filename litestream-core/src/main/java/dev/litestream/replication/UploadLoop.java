package dev.litestream.replication;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.litestream.DatabaseOptions;
import dev.litestream.Txid;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.capture.Sync;
import dev.litestream.continuity.DatabaseMismatchException;
import dev.litestream.continuity.KnownPages;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import dev.litestream.threads.Backoff;
import dev.litestream.threads.RetryingTask;
import dev.litestream.threads.Workers;
import org.jspecify.annotations.Nullable;

/**
 * The upload task: first determines where the history goes on ({@link Reconciliation}),
 * then sends the spool's files to the replica in order ({@link Upload}). After a failure
 * it rests, and checks the replica again before it goes on. It does the same if the
 * {@link ReplicaWatch} finds that the replica is not as we left it. Thread-safe.
 */
final class UploadLoop {

	private static final long CLOSE_SECONDS = 5;

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final Upload upload;

	private final ReplicaWatch watch;

	private final Reconciliation reconciliation;

	private final StateMachine state;

	private final Supplier<@Nullable OpenDatabase> database;

	private final Runnable wakeSync;

	private final LevelLoop levels;

	private final RetryingTask task;

	private final Backoff outages = new Backoff(Backoff.FIVE_SECONDS);

	private final Backoff refusals = new Backoff(Backoff.FIVE_MINUTES);

	/** Held while the spool is compared with the replica, and changed by that. */
	private final ReentrantLock comparing = new ReentrantLock();

	/**
	 * Creates the task; it is not due. The client is opened here. {@code database} is
	 * there once it is open, {@code wakeSync} makes the sync task run soon, and
	 * {@code maintenance} runs the work on the replica's levels.
	 */
	UploadLoop(DatabaseOptions options, ReplicaClient client, Spool spool, KnownPages known, Provenance provenance,
			Progress progress, StateMachine state, Workers workers, Supplier<@Nullable OpenDatabase> database,
			Runnable wakeSync, Executor maintenance, Clock clock) {
		this.options = options;
		this.client = client;
		this.levels = new LevelLoop(options, client, progress, maintenance, clock, this::lookAgain);
		this.upload = new Upload(client, spool, known, progress, this.levels::sendingSnapshot, this.levels::uploaded);
		this.watch = new ReplicaWatch(client, provenance);
		this.reconciliation = new Reconciliation(options, client, spool, known, provenance, this.upload, progress,
				state);
		this.state = state;
		this.database = database;
		this.wakeSync = wakeSync;
		this.task = new RetryingTask(workers, workers.uploads(client.store()), this::run, state::failedUnexpectedly,
				this.outages, this.refusals);
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

	/** The replica is not as it should be: it is compared with the spool again. */
	void lookAgain() {
		this.watch.suspect(true);
		wake();
	}

	/** Nothing waits: sees to it that a replica that was replaced is noticed. */
	void tickIdle() {
		this.client.lookWhileIdle();
		if (this.watch.isDisturbed()) {
			wake();
		}
	}

	/** A file was written and has to be uploaded, from memory if possible. */
	void add(SpoolFile file) {
		this.upload.add(file);
		wake();
	}

	/** A snapshot was written behind the raw file of its position. */
	void add(SpoolFile raw, SpoolFile snapshot) {
		this.upload.add(raw, snapshot);
		wake();
	}

	/** A file has been written to the spool as well. */
	void stored(SpoolFile file) {
		this.upload.stored(file);
	}

	/** How many files wait. */
	int backlog() {
		return this.upload.backlog();
	}

	/** Somebody waits: makes the task run soon and starts again with short rests. */
	void retryNow() {
		this.task.retryNow();
	}

	/**
	 * The database is closed: waiting files are found in the spool at the next start. It
	 * may be another process's then, so this waits until nothing writes there any more.
	 */
	void closed() {
		awaitCompared();
		this.reconciliation.closed();
		this.watch.suspect(false);
		this.upload.clear();
		this.levels.awaitEnd();
	}

	private void awaitCompared() {
		try {
			if (this.comparing.tryLock(CLOSE_SECONDS, TimeUnit.SECONDS)) {
				this.comparing.unlock();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void run() {
		OpenDatabase database = this.database.get();
		if (database == null || this.state.hasFailed()) {
			return;
		}
		Sync sync = database.sync();
		try {
			if (!this.state.isReconciled()) {
				reconcile(database);
			}
			else if (this.watch.isSuspect()) {
				reconcileAgain(database);
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
			this.watch.suspect(this.state.isReconciled());
			this.task.failed((ex instanceof ReplicaUnavailableException) ? this.outages : this.refusals);
			this.state.replicaFailed(this.client.location(), ex);
		}
	}

	private static void abandon(Sync sync) {
		synchronized (sync) {
			sync.abandon();
		}
	}

	private void reconcile(OpenDatabase database) throws IOException {
		List<LtxListing> listings;
		long disturbances;
		try {
			DurabilityRequirement.open(this.client, this.options);
			disturbances = this.watch.looking();
			listings = this.client.listAll();
		}
		catch (IOException ex) {
			if (compare(database, this.reconciliation::beginOffline)) {
				this.wakeSync.run();
			}
			throw ex;
		}
		boolean begun = compare(database, (sync) -> {
			this.reconciliation.begin(sync, listings);
			this.watch.compared(listings, disturbances);
			return true;
		});
		if (begun) {
			this.levels.listed(listings);
			this.task.succeeded();
			if (!database.sync().isJudgementDue()) {
				// Otherwise the first file that is sent shows it.
				this.state.replicating();
			}
			this.wakeSync.run();
		}
	}

	private void reconcileAgain(OpenDatabase database) throws IOException {
		long disturbances = this.watch.looking();
		DurabilityRequirement.open(this.client, this.options);
		List<LtxListing> listings = this.client.listAll();
		boolean repeated = compare(database, (sync) -> {
			this.levels.requireOurs(listings, position(sync));
			this.reconciliation.repeat(sync, listings);
			this.watch.compared(listings, disturbances);
			return true;
		});
		if (repeated) {
			this.levels.listed(listings);
			if (this.upload.backlog() == 0) {
				// Otherwise the first file that it accepts shows it.
				this.state.replicating();
			}
			this.wakeSync.run();
		}
	}

	private static Txid position(Sync sync) {
		synchronized (sync) {
			return sync.txid();
		}
	}

	/**
	 * Compares the spool with what the replica has said, unless the database was closed
	 * while that was waited for.
	 */
	private boolean compare(OpenDatabase database, Comparison comparison) throws IOException {
		this.comparing.lock();
		try {
			return this.database.get() == database && comparison.of(database.sync());
		}
		finally {
			this.comparing.unlock();
		}
	}

	private void uploadAll() throws IOException {
		boolean any = false;
		for (LtxFileInfo written = this.upload.next(); written != null; written = this.upload.next()) {
			any = true;
			this.watch.uploaded(written);
			this.state.replicating();
			// Commits that have gathered meanwhile go into the next file.
			this.wakeSync.run();
			if (this.watch.isDisturbed()) {
				// Checked before anything else is sent.
				wake();
				break;
			}
		}
		if (any) {
			this.task.succeeded();
			if (this.watch.findsAnother()) {
				wake();
			}
		}
	}

	/** A comparison of the spool with the replica. */
	@FunctionalInterface
	private interface Comparison {

		/** Returns whether it was made. */
		boolean of(Sync sync) throws IOException;

	}

}
