package dev.litestream.threads;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a pool. While the system cannot start any, tasks wait here and are tried
 * again: no task is lost. Thread-safe.
 */
final class PatientThreads implements Executor {

	private static final Logger logger = LoggerFactory.getLogger(PatientThreads.class);

	private static final long TOLD_EVERY = TimeUnit.MINUTES.toNanos(1);

	private final Executor pool;

	private final Consumer<Runnable> later;

	private final AtomicLong told = new AtomicLong(System.nanoTime() - TOLD_EVERY);

	/**
	 * Wraps a pool. {@code later} runs something after a short time, on a thread that
	 * already exists.
	 */
	PatientThreads(Executor pool, Consumer<Runnable> later) {
		this.pool = pool;
		this.later = later;
	}

	@Override
	public void execute(Runnable task) {
		try {
			this.pool.execute(task);
		}
		catch (OutOfMemoryError ex) {
			this.later.accept(() -> execute(task));
			tell(ex);
		}
	}

	private void tell(OutOfMemoryError cause) {
		long now = System.nanoTime();
		long last = this.told.get();
		if (now - last >= TOLD_EVERY && this.told.compareAndSet(last, now)) {
			logger.warn("No thread can be started ({}), so replication is late; it goes on by itself once there are"
					+ " threads again. Raise the limit of processes or tasks of this user, service or container, or"
					+ " find what starts so many threads", cause.getMessage());
		}
	}

}
