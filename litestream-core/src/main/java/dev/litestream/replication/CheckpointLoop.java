package dev.litestream.replication;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import dev.litestream.DatabaseOptions;
import dev.litestream.capture.Checkpointer;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.capture.Sync;
import dev.litestream.threads.Backoff;
import dev.litestream.threads.RetryingTask;
import dev.litestream.threads.Workers;
import dev.litestream.wal.WalHeader;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoint task: decides when the WAL of one database has grown enough, and lets
 * the {@link Checkpointer} run. Thread-safe.
 */
final class CheckpointLoop {

	/** The shortest time between two checkpoints, unless the WAL is large. */
	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(250);

	private static final long LARGE_WAL = 48L << 20;

	/** An approximate page size. */
	private static final long USUAL_PAGE_SIZE = 4096;

	private final DatabaseOptions options;

	private final Progress progress;

	private final StateMachine state;

	private final Supplier<@Nullable OpenDatabase> database;

	private final RetryingTask task;

	private final Backoff backoff = new Backoff(Backoff.FIVE_MINUTES);

	/** When the last checkpoint ended, or this was created. */
	private volatile long last = System.nanoTime();

	/**
	 * WAL size at the end of the last checkpoint, in bytes; 0 once the WAL restarted.
	 */
	private volatile long checkpointedTo;

	/** Whether it runs: its own syncs are no reason for the next one. */
	private volatile boolean running;

	/** Distinguishes this generation of the WAL from the next. */
	private int generation;

	/**
	 * Creates the task; it is not due. {@code progress} knows the size of the WAL and
	 * counts checkpoints; {@code state} hears of failures; {@code database} is there
	 * while it is replicated.
	 */
	CheckpointLoop(DatabaseOptions options, Progress progress, StateMachine state, Workers workers,
			Supplier<@Nullable OpenDatabase> database) {
		this.options = options;
		this.progress = progress;
		this.state = state;
		this.database = database;
		this.task = new RetryingTask(workers, workers.checkpoints(), this::run, state::failedUnexpectedly,
				this.backoff);
	}

	/**
	 * Checkpoints while nothing is read from the WAL: it must not grow without limit.
	 */
	void tick(OpenDatabase database) {
		Sync sync = database.sync();
		if ((!sync.isContinuationKnown() || this.state.hasFailed())
				&& sync.wal().toFile().length() > this.options.minCheckpointPages() * USUAL_PAGE_SIZE) {
			this.task.signal();
		}
	}

	/**
	 * Frames of a generation of the WAL were synced. Called under the sync's monitor.
	 */
	void synced(int generation) {
		if (generation != this.generation) {
			this.generation = generation;
			this.checkpointedTo = 0;
		}
	}

	/**
	 * Checkpoints soon if the WAL is large or the last checkpoint was long ago.
	 */
	void wake(OpenDatabase database) {
		long wal = this.progress.walSize;
		if (wal <= WalHeader.SIZE || this.running) {
			return;
		}
		long frame = database.frameSize();
		long idle = System.nanoTime() - this.last;
		Duration interval = this.options.checkpointInterval();
		boolean large = wal - this.checkpointedTo >= this.options.minCheckpointPages() * frame
				&& (idle > PAUSE || wal >= LARGE_WAL);
		boolean old = !interval.isZero() && idle > interval.toNanos() && wal > this.checkpointedTo
				&& wal > WalHeader.SIZE + frame;
		if (large || old) {
			this.task.signal();
		}
	}

	private void run() {
		OpenDatabase database = this.database.get();
		if (database != null) {
			checkpoint(database);
		}
	}

	private void checkpoint(OpenDatabase database) {
		long start = System.nanoTime();
		this.running = true;
		try {
			database.checkpoint();
			// Nothing more to do until the WAL has grown again or restarted.
			this.checkpointedTo = this.progress.walSize;
			this.progress.checkpoints.incrementAndGet();
			this.task.succeeded();
		}
		catch (IOException | SQLException | RuntimeException ex) {
			this.task.failed(this.backoff);
			this.state.checkpointFailed(ex);
		}
		finally {
			this.last = System.nanoTime();
			this.running = false;
			this.progress.checkpointNanos.addAndGet(this.last - start);
		}
	}

}
