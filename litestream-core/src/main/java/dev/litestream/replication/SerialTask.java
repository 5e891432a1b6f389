package dev.litestream.replication;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task on a shared pool that never runs twice at once. A signal that comes while it
 * runs makes it run once more. Safe for use by several threads; {@link #signal()} is
 * cheap when the task is already due.
 */
final class SerialTask {

	private static final Logger logger = LoggerFactory.getLogger(SerialTask.class);

	private enum State {

		IDLE, DUE, RUNNING, RUNNING_AND_DUE

	}

	private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

	private final Executor executor;

	private final Runnable body;

	SerialTask(Executor executor, Runnable body) {
		this.executor = executor;
		this.body = body;
	}

	/**
	 * Makes the task run soon.
	 */
	void signal() {
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
		try {
			this.executor.execute(this::run);
		}
		catch (RejectedExecutionException ex) {
			// The engine was closed: nothing runs any more.
			this.state.set(State.IDLE);
		}
	}

	private void run() {
		this.state.set(State.RUNNING);
		try {
			this.body.run();
		}
		catch (RuntimeException | Error ex) {
			logger.error("A replication task failed unexpectedly", ex);
		}
		if (!this.state.compareAndSet(State.RUNNING, State.IDLE)) {
			this.state.set(State.DUE);
			execute();
		}
	}

}
