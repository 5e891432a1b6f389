package dev.litestream.replication;

import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import dev.litestream.capture.CommitSignals;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.capture.Step;
import dev.litestream.capture.Sync;
import dev.litestream.continuity.DatabaseMismatchException;
import dev.litestream.threads.Backoff;
import dev.litestream.threads.RetryingTask;
import dev.litestream.threads.Workers;
import org.jspecify.annotations.Nullable;

/**
 * The sync task: decides when the WAL of one database is read and a file may be written.
 * While a file is being uploaded, commits gather for the next one, unless the WAL grows
 * fast. Thread-safe.
 */
final class SyncLoop {

	/** How soon to look again: a commit listener fires before the frames are written. */
	private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(4);

	private static final long LOOK_PAUSE = TimeUnit.MICROSECONDS.toNanos(20);

	/** How long frames are looked for after a signal; later only at every tick. */
	private static final long LOOK_AT_MOST = TimeUnit.SECONDS.toNanos(1);

	/** From this many WAL bytes on, files are written ahead of the upload. */
	private static final long WRITE_AHEAD = 4L << 20;

	/** How many files may wait while others are written ahead. */
	private static final int AHEAD = 4;

	/** From this many WAL bytes on, files are written ahead however many wait. */
	private static final long MUST_WRITE = 32L << 20;

	/** How often the WAL's growth is checked while a file is being uploaded. */
	private static final long RECHECK = TimeUnit.MILLISECONDS.toNanos(20);

	private final CommitSignals signals;

	private final StateMachine state;

	private final ObjectRate rate;

	private final UploadLoop uploads;

	private final CheckpointLoop checkpoints;

	private final Workers workers;

	private final Opening opening;

	private final RetryingTask task;

	/** Set at each tick: the next sync need not wait for the upload. */
	private final AtomicBoolean ticked = new AtomicBoolean();

	private final Backoff backoff = new Backoff(Backoff.FIVE_MINUTES);

	/** Whether commits need not wake the task because something else will. */
	private volatile boolean deferred;

	private final AtomicBoolean wakeUpSet = new AtomicBoolean();

	/**
	 * Creates the task; it is not due. {@code signals} are the commits to look for,
	 * {@code rate} limits the files per second, {@code uploads} takes the files,
	 * {@code checkpoints} keeps the WAL short, and {@code opening} opens the database.
	 */
	SyncLoop(CommitSignals signals, StateMachine state, ObjectRate rate, UploadLoop uploads, CheckpointLoop checkpoints,
			Workers workers, Opening opening) {
		this.signals = signals;
		this.state = state;
		this.rate = rate;
		this.uploads = uploads;
		this.checkpoints = checkpoints;
		this.workers = workers;
		this.opening = opening;
		this.task = new RetryingTask(workers, workers.syncs(), this::run, state::failedUnexpectedly, this.backoff);
	}

	/** Makes the task run soon. */
	void wake() {
		this.task.signal();
	}

	/** Somebody waits: makes the task run soon and starts again with short rests. */
	void retryNow() {
		this.task.retryNow();
	}

	/** Somebody else's sync succeeded: there is no reason to wait any longer. */
	void worksAgain() {
		if (this.task.isResting()) {
			retryNow();
		}
	}

	/** A commit was signalled: makes the task run unless it will run anyway. */
	void committed() {
		if (!this.deferred) {
			this.task.signal();
		}
	}

	/**
	 * Whether there is nothing to do for the task, and it would find nothing new: then
	 * the tick of an idle database takes neither a thread nor memory. Fails if the WAL
	 * cannot be read.
	 */
	boolean isIdle(OpenDatabase database) throws IOException {
		return (this.state.isReplicating() || this.state.isOutOfReach()) && this.uploads.backlog() == 0
				&& !this.signals.isAnyWaiting() && !database.isHandingOver() && database.isAtEndOfWal();
	}

	/** Syncs without regard to the upload. */
	void tick() {
		this.ticked.set(true);
		this.task.signal();
	}

	private void run() {
		try {
			OpenDatabase database = this.opening.openWhileRunning();
			if (database != null && mayWrite(database)) {
				sync(database);
				this.task.succeeded();
				this.state.synced();
			}
		}
		catch (DatabaseMismatchException ex) {
			this.state.mismatched(ex);
		}
		catch (IOException | SQLException | RuntimeException ex) {
			this.task.failed(this.backoff);
			this.state.syncFailed(ex);
		}
	}

	/**
	 * Whether the next file may be written now. If not, the task is woken again by the
	 * upload, the object rate, or a look at how fast the WAL grows; commits need not wake
	 * it until then.
	 */
	private boolean mayWrite(OpenDatabase database) throws IOException {
		if (this.state.hasFailed()) {
			return false;
		}
		this.deferred = false;
		if (database.isHandingOver()) {
			defer(RECHECK);
			return false;
		}
		boolean ticked = this.ticked.getAndSet(false);
		int backlog = this.uploads.backlog();
		if (backlog > 0 && !ticked && !database.sync().extendsBy((backlog < AHEAD) ? WRITE_AHEAD : MUST_WRITE)) {
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
			boolean set = false;
			try {
				this.workers.after(nanos, () -> {
					this.wakeUpSet.set(false);
					this.task.signal();
				});
				set = true;
			}
			finally {
				if (!set) {
					// without memory: the next call sets it
					this.wakeUpSet.set(false);
				}
			}
		}
	}

	private void sync(OpenDatabase database) throws IOException, SQLException {
		long signalled;
		Step step;
		synchronized (database.sync()) {
			signalled = this.signals.take();
			step = database.step(signalled);
		}
		forceNeededFrame(database);
		long pause = LOOK_PAUSE;
		while (step == null && signalled != CommitSignals.NOTHING && System.nanoTime() - signalled <= LOOK_AGAIN) {
			LockSupport.parkNanos(pause);
			// After false signals this may be another one.
			pause = this.signals.hasSetAside() ? 2 * pause : pause;
			synchronized (database.sync()) {
				step = database.step(signalled);
			}
			forceNeededFrame(database);
		}
		if (step != null && step.limited()) {
			this.signals.signalled();
			this.task.signal();
		}
		else if (step == null && signalled != CommitSignals.NOTHING) {
			lookLater(database.sync(), signalled);
		}
		else if (step == null && this.uploads.backlog() == 0) {
			this.state.caughtUp();
		}
		this.checkpoints.wake(database);
	}

	/** Not under the sync's monitor: a checkpoint takes the write lock first. */
	private void forceNeededFrame(OpenDatabase database) throws IOException, SQLException {
		boolean needsFrame;
		synchronized (database.sync()) {
			needsFrame = database.sync().needsFrame();
		}
		if (needsFrame) {
			database.forceFrame();
			this.task.signal();
		}
	}

	/**
	 * A signal came, but no frames yet: a large transaction is being written, or there
	 * will be none. Looks again after as much time as has passed since the signal.
	 */
	private void lookLater(Sync sync, long signalled) {
		long age = System.nanoTime() - signalled;
		if (!sync.isContinuationKnown()) {
			// Its frames may be there, but cannot be synced yet.
			this.signals.waits(signalled);
		}
		else if (age < LOOK_AT_MOST && this.signals.setAside(signalled)) {
			this.task.signalAfter(age);
		}
	}

	/** Opens the database once it exists. */
	@FunctionalInterface
	interface Opening {

		@Nullable OpenDatabase openWhileRunning() throws IOException, SQLException;

	}

}
