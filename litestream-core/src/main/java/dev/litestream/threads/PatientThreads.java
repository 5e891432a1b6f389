package dev.litestream.threads;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a pool. While the system cannot start any, tasks wait here and are tried
 * again: no task is lost, whatever fails meanwhile. Thread-safe.
 */
final class PatientThreads implements Executor {

	private static final Logger logger = LoggerFactory.getLogger(PatientThreads.class);

	private static final long TOLD_EVERY = TimeUnit.MINUTES.toNanos(1);

	private final Executor pool;

	private final Consumer<Runnable> later;

	/** One object for all attempts: they need no memory. */
	private final Runnable attempt = this::startWaiting;

	/** What could not be started. Guarded by itself. */
	private final Deque<Runnable> waiting = new ArrayDeque<>();

	/** Keeps one task from being started twice. */
	private final Object starting = new Object();

	private volatile boolean any;

	/** Whether an attempt is set for later. */
	private volatile boolean set;

	private final AtomicLong told = new AtomicLong(System.nanoTime() - TOLD_EVERY);

	/**
	 * Wraps a pool. {@code later} runs something after a short time, on a thread that
	 * already exists.
	 */
	PatientThreads(Executor pool, Consumer<Runnable> later) {
		this.pool = pool;
		this.later = later;
	}

	/**
	 * Runs a task, now or when there is a thread. If this throws, the task will not run.
	 */
	@Override
	public void execute(Runnable task) {
		try {
			this.pool.execute(task);
		}
		catch (OutOfMemoryError ex) {
			synchronized (this.waiting) {
				this.waiting.add(task);
				this.any = true;
			}
			tryLater();
			tell(ex);
		}
	}

	/**
	 * Starts what waits, as far as there are threads. Costs nothing if nothing waits.
	 */
	void startWaiting() {
		if (!this.any) {
			return;
		}
		synchronized (this.starting) {
			this.set = false;
			for (Runnable task = first(); task != null; task = first()) {
				try {
					this.pool.execute(task);
				}
				catch (OutOfMemoryError ex) {
					tryLater();
					return;
				}
				catch (RejectedExecutionException ex) {
					// closed: nothing runs any more
				}
				started();
			}
		}
	}

	private @Nullable Runnable first() {
		synchronized (this.waiting) {
			return this.waiting.peek();
		}
	}

	private void started() {
		synchronized (this.waiting) {
			this.waiting.remove();
			this.any = !this.waiting.isEmpty();
		}
	}

	private void tryLater() {
		if (this.set) {
			return;
		}
		this.set = true;
		try {
			this.later.accept(this.attempt);
		}
		catch (OutOfMemoryError ex) {
			// the next tick comes by
			this.set = false;
		}
	}

	/** Never throws: the task waits already, and would be taken for lost. */
	private void tell(OutOfMemoryError cause) {
		try {
			warn(cause);
		}
		catch (RuntimeException | Error ex) {
			// there is no memory for the log either
		}
	}

	private void warn(OutOfMemoryError cause) {
		long now = System.nanoTime();
		long last = this.told.get();
		if (now - last >= TOLD_EVERY && this.told.compareAndSet(last, now)) {
			logger.warn("No thread can be started ({}), so replication is late; it goes on by itself once there are"
					+ " threads again. Raise the limit of processes or tasks of this user, service or container, or"
					+ " find what starts so many threads", cause.getMessage());
		}
	}

}
