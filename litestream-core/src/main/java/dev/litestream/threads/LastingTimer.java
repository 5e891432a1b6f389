package dev.litestream.threads;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A timer with one thread, which no {@link Error} ends: a repeated task runs again
 * whatever it throws, and the thread is replaced if it dies, as soon as the system has
 * another one. The JDK's timer would drop the task without a word, and stay without a
 * thread if none can be started at the moment when one dies. Thread-safe.
 */
public final class LastingTimer extends ScheduledThreadPoolExecutor {

	private static final Logger logger = LoggerFactory.getLogger(LastingTimer.class);

	private static final long PAUSE_MILLIS = 100;

	/**
	 * Creates a timer; its thread starts with the first task.
	 * @param factory makes the thread
	 */
	public LastingTimer(ThreadFactory factory) {
		super(1, factory);
		setThreadFactory((worker) -> factory.newThread(() -> work(worker)));
		setRemoveOnCancelPolicy(true);
	}

	private void work(Runnable worker) {
		try {
			worker.run();
		}
		finally {
			while (!isShutdown() && getPoolSize() == 0) {
				replace();
			}
		}
	}

	/** Called by the dying thread: nobody else may come by. */
	private void replace() {
		try {
			prestartCoreThread();
		}
		catch (OutOfMemoryError ex) {
			pause();
		}
	}

	private static void pause() {
		try {
			TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
		}
		catch (InterruptedException ex) {
			// it ends with its replacement
		}
	}

	@Override
	public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long initialDelay, long period, TimeUnit unit) {
		return super.scheduleAtFixedRate(() -> guarded(task), initialDelay, period, unit);
	}

	@Override
	public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long initialDelay, long delay, TimeUnit unit) {
		return super.scheduleWithFixedDelay(() -> guarded(task), initialDelay, delay, unit);
	}

	/** Runs a task and logs what it throws. */
	static void guarded(Runnable task) {
		try {
			task.run();
		}
		catch (RuntimeException | Error ex) {
			tell(ex);
		}
	}

	private static void tell(Throwable failure) {
		try {
			logger.error("A task of the thread {} has failed; it is run again when it is due",
					Thread.currentThread().getName(), failure);
		}
		catch (RuntimeException | Error ex) {
			// there is no memory for the log either
		}
	}

}
