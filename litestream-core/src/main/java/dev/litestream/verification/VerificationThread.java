package dev.litestream.verification;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.litestream.LitestreamException;

/**
 * The one thread that verifies an engine's backups, at the lowest priority. However many
 * databases there are, one at a time is restored: disk and network carry only one copy.
 * It starts with the first task. Thread-safe.
 */
public final class VerificationThread implements AutoCloseable {

	private static final long CLOSE_SECONDS = 10;

	private final ScheduledThreadPoolExecutor executor;

	/** Prepares the thread. */
	public VerificationThread() {
		this.executor = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "litestream-verification");
			thread.setDaemon(true);
			thread.setPriority(Thread.MIN_PRIORITY);
			return thread;
		});
		this.executor.setRemoveOnCancelPolicy(true);
	}

	<T> Future<T> submit(Callable<T> task) {
		try {
			return this.executor.submit(task);
		}
		catch (RejectedExecutionException ex) {
			throw new LitestreamException("The engine has been closed, so nothing can be verified any more", ex);
		}
	}

	Future<?> after(Duration delay, Runnable task) {
		return this.executor.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
	}

	/** Interrupts the running task and waits a little for its end. */
	@Override
	public void close() {
		this.executor.shutdownNow();
		boolean interrupted = false;
		try {
			this.executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			interrupted = true;
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
