package dev.litestream.threads;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;

/**
 * A share of a pool's threads: at most so many tasks at the same time, the others wait in
 * their order. What blocks in one lane takes no thread from another. A task that throws
 * keeps none of the others from running; what it threw ends the thread, once nothing
 * waits. Thread-safe.
 */
final class Lane implements Executor {

	private final Executor threads;

	private final int width;

	private final Deque<Runnable> waiting = new ArrayDeque<>();

	private int running;

	/**
	 * Creates a lane without tasks.
	 * @param threads where tasks run; has to have a thread for each lane's width
	 * @param width the most tasks at the same time
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
				// Others wait for this thread, and there may be no other to be had.
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
