package dev.litestream.verification;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.OperationOutcome;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.RestorePoint;
import dev.litestream.RestoreTarget;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Replicator;
import dev.litestream.restore.Restorer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies one database's backup every {@code verification.interval} and on request: in
 * turn the newest state and a random older point. After a failure the same point is tried
 * again, and earlier: a repair is noticed soon. Thread-safe.
 */
public final class BackupVerifier {

	static final Logger logger = LoggerFactory.getLogger(BackupVerifier.class);

	private static final long STOP_SECONDS = 10;

	private final DatabaseOptions options;

	private final Replicator replicator;

	private final ReplicaClient client;

	private final ReplicationListener listener;

	private final VerificationThread thread;

	private final Clock clock;

	private final DrillDirectory directory;

	private final VerificationJournal journal;

	private final VerificationSchedule schedule;

	private final Replacement replacement = new Replacement();

	/** Held while a verification is under way. */
	private final ReentrantLock running = new ReentrantLock();

	private volatile VerificationStatus status = VerificationStatus.NONE;

	private boolean read;

	private boolean started;

	/** The thread that verifies now. */
	private @Nullable Thread runner;

	private @Nullable Future<?> scheduled;

	/**
	 * Prepares; nothing is touched before {@link #start()} or {@link #verify}.
	 * @param options of the database
	 * @param replicator replicates it
	 * @param client the replica, not closed here
	 * @param listener receives the results
	 * @param thread runs the verifications
	 * @param clock the time of results
	 */
	public BackupVerifier(DatabaseOptions options, Replicator replicator, ReplicaClient client,
			ReplicationListener listener, VerificationThread thread, Clock clock) {
		this(options, replicator, client, listener, thread, clock, new DrillDirectory(options.metaPath()));
	}

	BackupVerifier(DatabaseOptions options, Replicator replicator, ReplicaClient client, ReplicationListener listener,
			VerificationThread thread, Clock clock, DrillDirectory directory) {
		this.options = options;
		this.replicator = replicator;
		this.client = client;
		this.listener = listener;
		this.thread = thread;
		this.clock = clock;
		this.directory = directory;
		this.journal = new VerificationJournal(options.metaPath());
		this.schedule = new VerificationSchedule(options.verificationInterval());
	}

	/**
	 * The results so far.
	 * @return the status
	 */
	public VerificationStatus status() {
		return this.status;
	}

	/**
	 * Begins to verify at the interval, and removes the leftovers of a killed process. To
	 * be called while the replicator holds the spool. Does nothing if started.
	 */
	public synchronized void start() {
		if (this.started) {
			return;
		}
		this.started = true;
		readJournal();
		this.replacement.started();
		removeLeftovers();
		schedule(this.schedule.delayAtStart(this.status, this.clock.instant()));
	}

	/** Files of a running verification are not leftovers. */
	private void removeLeftovers() {
		if (!this.running.tryLock()) {
			return;
		}
		try {
			this.directory.remove();
		}
		catch (IOException ex) {
			logger.warn("{}: leftovers of a verification could not be removed: {}", this.options.name(), ex.toString());
		}
		finally {
			this.running.unlock();
		}
	}

	/**
	 * Reads the results from before the process ended. To be called before anything is
	 * replicated: no snapshot may be deleted while it is undecided whether the database
	 * or the backup is right.
	 */
	public synchronized void readJournal() {
		if (!this.read) {
			this.read = true;
			this.status = this.journal.read();
			this.replacement.goOn(this.journal.replacement());
			this.replicator.holdSnapshots(this.replacement.isUndecided());
		}
	}

	/**
	 * Decides that the database is right after its backup was found to differ: sends the
	 * whole database to the replica, and allows old snapshots to be deleted again.
	 * @return whether there was something to decide
	 */
	public boolean acceptDatabase() {
		return decided(true);
	}

	/** The backup is right: the database has just been restored from it. */
	public void restored() {
		decided(false);
	}

	private boolean decided(boolean database) {
		this.running.lock();
		try {
			readJournal();
			if (!this.replacement.decided(database)) {
				return false;
			}
			logger.warn("{}: the decision is that the {} is right", this.options.name(),
					database ? "database" : "backup");
			this.replicator.holdSnapshots(false);
			if (database) {
				replaceBackup();
			}
			this.journal.write(this.status, this.replacement.state());
			return true;
		}
		finally {
			this.running.unlock();
		}
	}

	private synchronized void schedule(Duration delay) {
		if (this.started && this.schedule.isOn()) {
			this.scheduled = this.thread.after(delay, () -> {
				try {
					run(this::nextTarget);
				}
				finally {
					schedule(this.schedule.delay(this.status.last(), this.clock.instant()));
				}
			});
		}
	}

	/**
	 * Verifies a point now, when its turn comes.
	 * @param target the point
	 * @return what was found
	 * @throws LitestreamException if the engine has been closed
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	public VerificationResult verify(RestoreTarget target) throws InterruptedException {
		Future<VerificationResult> result = this.thread.submit(() -> run((restorer, client) -> target));
		try {
			return result.get();
		}
		catch (InterruptedException ex) {
			result.cancel(true);
			throw ex;
		}
		catch (ExecutionException ex) {
			throw new LitestreamException(
					"The backup of '" + this.options.name() + "' could not be verified: " + ex.getCause(),
					ex.getCause());
		}
	}

	private VerificationResult run(Drill.Choice choice) {
		this.running.lock();
		try {
			begin();
			readJournal();
			Drill drill = new Drill(this.options, this.replicator, this.client, this.directory, this.clock);
			VerificationResult result = watched(drill, choice);
			// An interrupt has ended the verification, but the results so far stay.
			Thread.interrupted();
			if (drill.isDifferent()) {
				this.replacement.differs();
				this.replicator.holdSnapshots(true);
			}
			record(result, drill.isNewestBad());
			if (drill.isNewestBad()) {
				replaceBackup();
			}
			return result;
		}
		finally {
			end();
			this.running.unlock();
		}
	}

	private VerificationResult watched(Drill drill, Drill.Choice choice) {
		OperationEnd end = this.listener.begun(this.options.name(), Operation.VERIFICATION);
		OperationOutcome outcome = OperationOutcome.FAILED;
		try {
			VerificationResult result = unlessUndecided(drill.run(choice));
			outcome = switch (result.outcome()) {
				case VERIFIED -> OperationOutcome.SUCCEEDED;
				case FAILED -> OperationOutcome.FAILED;
				case SKIPPED -> OperationOutcome.SKIPPED;
			};
			return result;
		}
		finally {
			end.ended(outcome, null);
		}
	}

	/**
	 * Pages that differed may be the same by now because they were overwritten, in either
	 * of the two: that proves nothing.
	 */
	private VerificationResult unlessUndecided(VerificationResult result) {
		if (!this.replacement.isUndecided() || !result.newest() || result.outcome() != VerificationOutcome.VERIFIED) {
			return result;
		}
		VerificationResult failure = this.status.failure();
		return new VerificationResult(VerificationOutcome.FAILED, true, result.txid(), result.timestamp(),
				result.compared(), result.at(), result.took(),
				result.detail() + ". But the backup has differed from the database before"
						+ ((failure != null && failure.txid() != null) ? ", at TXID " + failure.txid() : "") + ". "
						+ Drill.UNDECIDED);
	}

	/**
	 * While the database is there, its backup can be repaired: immediately, since it may
	 * be needed at any moment, but only once until a verification has succeeded.
	 */
	private void replaceBackup() {
		if (this.replacement.isDue() && this.replicator.replaceBackup()) {
			this.replacement.asked();
			logger.warn("{}: the whole database is sent to the replica again, because the newest state cannot be "
					+ "restored from it", this.options.name());
		}
	}

	private synchronized void begin() {
		this.runner = Thread.currentThread();
	}

	/** A task that has ended can no longer be interrupted, and later ones must not be. */
	private synchronized void end() {
		this.runner = null;
		Thread.interrupted();
	}

	private void record(VerificationResult result, boolean newestBad) {
		synchronized (this) {
			this.status = this.status.and(result);
		}
		this.replacement.verified(result, newestBad);
		this.journal.write(this.status, this.replacement.state());
		String name = this.options.name();
		switch (result.outcome()) {
			case VERIFIED -> {
				logger.atInfo()
					.addKeyValue("database", name)
					.addKeyValue("txid", result.txid())
					.log("{}: the backup is good: {} ({} s)", name, result.detail(), result.took().toMillis() / 1000.0);
				this.listener.onEvent(new ReplicationEvent.BackupVerified(name, result));
			}
			case FAILED -> {
				logger.atError()
					.addKeyValue("database", name)
					.addKeyValue("txid", result.txid())
					.log("{}: the backup could not be proved good: {}", name, result.detail());
				this.listener.onEvent(new ReplicationEvent.BackupVerificationFailed(name, result));
			}
			case SKIPPED -> logger.warn("{}: the backup was not verified: {}", name, result.detail());
		}
	}

	/**
	 * In turn the newest state and an older point; a point that failed is tried again.
	 */
	private RestoreTarget nextTarget(Restorer restorer, ReplicaClient client) throws IOException {
		VerificationResult failure = this.status.failure();
		if (failure != null && failure.newest()) {
			return RestoreTarget.LATEST;
		}
		VerificationResult last = this.status.last();
		boolean olderIsDue = failure != null
				|| (last != null && last.newest() && last.outcome() == VerificationOutcome.VERIFIED);
		if (!olderIsDue) {
			return RestoreTarget.LATEST;
		}
		List<RestorePoint> points = restorer.points(client).all();
		if (failure != null) {
			if (failure.txid() != null && points.stream().anyMatch((point) -> point.txid().equals(failure.txid()))) {
				return RestoreTarget.of(failure.txid());
			}
			logger.info("{}: the replica no longer holds TXID {}, which could not be restored", this.options.name(),
					failure.txid());
			synchronized (this) {
				this.status = this.status.withoutFailure();
			}
		}
		if (points.size() < 2) {
			return RestoreTarget.LATEST;
		}
		return RestoreTarget.of(points.get(ThreadLocalRandom.current().nextInt(points.size() - 1)).txid());
	}

	/**
	 * Ends the running and the scheduled verification. Verifying on request is still
	 * possible. Does nothing if stopped.
	 */
	public void stop() {
		synchronized (this) {
			this.started = false;
			if (this.scheduled != null) {
				this.scheduled.cancel(false);
			}
			if (this.runner != null) {
				this.runner.interrupt();
			}
		}
		boolean interrupted = false;
		try {
			if (this.running.tryLock(STOP_SECONDS, TimeUnit.SECONDS)) {
				this.running.unlock();
			}
		}
		catch (InterruptedException ex) {
			interrupted = true;
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
