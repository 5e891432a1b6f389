package dev.litestream.threads;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A {@link SerialTask} that rests after a failure, longer each time, and then runs again.
 * Somebody who waits for it ends the rest and makes the next ones short again.
 * Thread-safe.
 */
public final class RetryingTask {

	private final Workers workers;

	private final Backoff[] backoffs;

	private final SerialTask task;

	/** Whether somebody waits since the last failure. */
	private volatile boolean impatient;

	private volatile long notBefore = System.nanoTime();

	/**
	 * Creates a task that is not due.
	 * @param workers wakes it up after a rest
	 * @param executor runs it
	 * @param body the work; calls {@link #failed} or {@link #succeeded()}
	 * @param failure receives exceptions of the body
	 * @param backoffs the rests after each kind of failure
	 */
	public RetryingTask(Workers workers, Executor executor, Runnable body, Consumer<Throwable> failure,
			Backoff... backoffs) {
		this.workers = workers;
		this.backoffs = backoffs;
		this.task = new SerialTask(executor, () -> {
			if (!isResting()) {
				body.run();
			}
		}, failure);
	}

	/** Makes the task run soon, or after its rest. */
	public void signal() {
		this.task.signal();
	}

	/**
	 * Makes the task run after a time.
	 * @param nanos how long, in nanoseconds
	 */
	public void signalAfter(long nanos) {
		this.workers.after(nanos, this.task::signal);
	}

	/** Somebody waits: makes the task run soon and starts again with short rests. */
	public void retryNow() {
		this.impatient = true;
		this.notBefore = System.nanoTime();
		signal();
	}

	/**
	 * Whether the task rests after a failure.
	 * @return whether it would not run now
	 */
	public boolean isResting() {
		return System.nanoTime() - this.notBefore < 0;
	}

	/** The body has succeeded: the next rest is short again. */
	public void succeeded() {
		for (Backoff backoff : this.backoffs) {
			backoff.reset();
		}
	}

	/**
	 * The body has failed: the task rests.
	 * @param backoff how long, by the kind of failure
	 */
	public void failed(Backoff backoff) {
		if (this.impatient) {
			this.impatient = false;
			succeeded();
		}
		long rest = backoff.next().toNanos();
		this.notBefore = System.nanoTime() + rest;
		signalAfter(rest);
	}

}
