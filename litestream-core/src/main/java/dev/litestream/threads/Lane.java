package dev.litestream.threads;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;

/**
 * A share of a pool's threads: it runs a limited number of tasks at the same time, and
 * the others wait in order. A task that blocks takes no thread from another lane. A task
 * that throws does not stop the others; its exception ends the thread once nothing waits.
 * Thread-safe.
 */
final class Lane implements Executor {

	private final Executor threads;

	private final int width;

	private final Deque<Runnable> waiting = new ArrayDeque<>();

	private int running;

	/**
	 * Creates a lane without tasks, which runs at most {@code width} tasks at the same
	 * time. The executor needs a thread for each.
	 */
	Lane(Executor threads, int width) {
		this.threads = threads;
		this.width = width;
	}

	@Override
	public void execute(Runnable task) {
		synchronized (this) {
			if (this.running == this.width) {
				this.waiting.add(task);
				return;
			}
			this.running++;
		}
		start(task);
	}

	private void start(Runnable task) {
		boolean started = false;
		try {
			this.threads.execute(() -> run(task));
			started = true;
		}
		finally {
			if (!started) {
				synchronized (this) {
					this.running--;
				}
			}
		}
	}

	private void run(Runnable first) {
		Throwable failure = null;
		for (Runnable task = first; task != null; task = next()) {
			try {
				task.run();
			}
			catch (RuntimeException | Error ex) {
				// Others wait for this thread, and the system may have no other.
				failure = ex;
			}
		}
		if (failure instanceof Error error) {
			throw error;
		}
		if (failure != null) {
			throw (RuntimeException) failure;
		}
	}

	private synchronized @Nullable Runnable next() {
		Runnable next = this.waiting.poll();
		if (next == null) {
			this.running--;
		}
		return next;
	}

}
