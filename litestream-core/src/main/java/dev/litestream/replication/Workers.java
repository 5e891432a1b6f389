package dev.litestream.replication;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of an engine: one timer and a pool of workers, shared by all databases.
 * Daemon threads, ended by {@link #close()}. Safe for use by several threads.
 */
public final class Workers implements AutoCloseable {

	private final ScheduledThreadPoolExecutor timer;

	private final ThreadPoolExecutor pool;

	/**
	 * Starts the timer; workers start when there is work.
	 */
	public Workers() {
		this.timer = new ScheduledThreadPoolExecutor(1, named("litestream-timer"));
		this.timer.setRemoveOnCancelPolicy(true);
		this.pool = new ThreadPoolExecutor(2, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(),
				named("litestream"));
	}

	private static ThreadFactory named(String name) {
		AtomicInteger count = new AtomicInteger();
		return (task) -> {
			Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};
	}

	Executor pool() {
		return this.pool;
	}

	/**
	 * Runs something short after a delay, on the timer's thread.
	 */
	void after(long nanos, Runnable task) {
		if (!this.timer.isShutdown()) {
			this.timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * Runs something short again and again, on the timer's thread.
	 * @return cancels it
	 */
	Runnable every(Duration interval, Runnable task) {
		var scheduled = this.timer.scheduleWithFixedDelay(task, interval.toNanos(), interval.toNanos(),
				TimeUnit.NANOSECONDS);
		return () -> scheduled.cancel(false);
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
		this.pool.shutdown();
	}

}
