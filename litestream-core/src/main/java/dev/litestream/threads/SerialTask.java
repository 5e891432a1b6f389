package dev.litestream.threads;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A task on a shared pool that never runs twice at the same time. A signal that comes
 * while it runs makes it run once more. Thread-safe; {@link #signal()} is cheap when the
 * task is already due.
 */
public final class SerialTask {

	private enum State {

		IDLE, DUE, RUNNING, RUNNING_AND_DUE

	}

	private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

	/** One object for all signals: a commit needs no new one. */
	private final Runnable run = this::run;

	private final Executor executor;

	private final Runnable body;

	private final Consumer<Throwable> failure;

	/**
	 * Creates a task that is not due.
	 * @param executor runs it
	 * @param body the work
	 * @param failure receives exceptions of the body
	 */
	public SerialTask(Executor executor, Runnable body, Consumer<Throwable> failure) {
		this.executor = executor;
		this.body = body;
		this.failure = failure;
	}

	/**
	 * Makes the task run soon. If threads or memory are lacking, the next signal tries
	 * again; nothing is thrown.
	 */
	public void signal() {
		while (true) {
			State now = this.state.get();
			switch (now) {
				case DUE, RUNNING_AND_DUE -> {
					return;
				}
				case IDLE -> {
					if (this.state.compareAndSet(State.IDLE, State.DUE)) {
						execute();
						return;
					}
				}
				case RUNNING -> {
					if (this.state.compareAndSet(State.RUNNING, State.RUNNING_AND_DUE)) {
						return;
					}
				}
			}
		}
	}

	private void execute() {
		boolean given = false;
		try {
			this.executor.execute(this.run);
			given = true;
		}
		catch (RejectedExecutionException ex) {
			// The engine was closed: nothing runs any more.
		}
		catch (OutOfMemoryError ex) {
			// The next signal tries again. This one may come from a commit, which must
			// not fail because of it, or from a tick, whose other tasks must run.
		}
		finally {
			if (!given) {
				this.state.set(State.IDLE);
			}
		}
	}

	private void run() {
		this.state.set(State.RUNNING);
		try {
			this.body.run();
		}
		catch (RuntimeException | Error ex) {
			this.failure.accept(ex);
		}
		finally {
			if (!this.state.compareAndSet(State.RUNNING, State.IDLE)) {
				this.state.set(State.DUE);
				execute();
			}
		}
	}

}
