package dev.litestream.replication;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import dev.litestream.DatabaseOptions;
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
		this.upload = new Upload(client, spool, known, progress, this.levels::uploaded);
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

	/** The database is closed: waiting files are found in the spool at the next start. */
	void closed() {
		this.reconciliation.closed();
		this.watch.suspect(false);
		this.upload.clear();
		this.levels.awaitEnd();
	}

	private void run() {
		OpenDatabase database = this.database.get();
		if (database == null || this.state.hasFailed()) {
			return;
		}
		Sync sync = database.sync();
		try {
			if (!this.state.isReconciled()) {
				reconcile(sync);
			}
			else if (this.watch.isSuspect()) {
				reconcileAgain(sync);
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

	private void reconcile(Sync sync) throws IOException {
		List<LtxListing> listings;
		long disturbances;
		try {
			DurabilityRequirement.open(this.client, this.options);
			disturbances = this.watch.looking();
			listings = this.client.listAll();
		}
		catch (IOException ex) {
			if (this.reconciliation.beginOffline(sync)) {
				this.wakeSync.run();
			}
			throw ex;
		}
		this.reconciliation.begin(sync, listings);
		this.watch.compared(listings, disturbances);
		this.levels.listed(listings);
		this.task.succeeded();
		this.state.replicating();
		this.wakeSync.run();
	}

	private void reconcileAgain(Sync sync) throws IOException {
		long disturbances = this.watch.looking();
		DurabilityRequirement.open(this.client, this.options);
		List<LtxListing> listings = this.client.listAll();
		this.reconciliation.repeat(sync, listings);
		this.watch.compared(listings, disturbances);
		this.levels.listed(listings);
		if (this.upload.backlog() == 0) {
			// Otherwise the first file that it accepts shows it.
			this.state.replicating();
		}
		this.wakeSync.run();
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

}
