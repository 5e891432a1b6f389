package dev.litestream.nats.connection;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.threads.LastingTimer;

/**
 * Daemon threads with names, so that a connection never keeps a JVM alive.
 */
final class ConnectionThreads {

	private static final int CALLBACKS_MILLIS = 500;

	private static final AtomicInteger numbers = new AtomicInteger();

	final ThreadFactory factory = (task) -> {
		Thread thread = new Thread(task, "litestream-nats-" + numbers.incrementAndGet());
		thread.setDaemon(true);
		return thread;
	};

	final ExecutorService pool = Executors.newCachedThreadPool(this.factory);

	/** One thread, so that the library's reports come in their order. */
	final ExecutorService callbacks = Executors.newSingleThreadExecutor(this.factory);

	/** For pings and the like, which would end with the first error. */
	final LastingTimer timer = new LastingTimer(this.factory);

	ConnectionThreads() {
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
	}

	/** Waits until what the library has reported so far is heard. */
	void awaitCallbacks() {
		try {
			this.callbacks.submit(() -> {
			}).get(CALLBACKS_MILLIS, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			// then without the last reports
		}
	}

	void shutdown() {
		this.pool.shutdown();
		this.callbacks.shutdown();
		this.timer.shutdown();
	}

}
