package dev.litestream.replication;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;

/**
 * A share of a pool's threads: at most so many tasks at once, the others wait in their
 * order. What blocks in one lane takes no thread from another. Safe for use by several
 * threads.
 */
final class Lane implements Executor {

	private final Executor threads;

	private final int width;

	private final Deque<Runnable> waiting = new ArrayDeque<>();

	private int running;

	/**
	 * Creates a lane without tasks.
	 * @param threads where tasks run; has to have a thread for each lane's width
	 * @param width the most tasks at once
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
		Runnable task = first;
		while (task != null) {
			boolean ended = false;
			try {
				task.run();
				ended = true;
			}
			finally {
				Runnable next = next();
				if (!ended && next != null) {
					// This thread dies of what the task threw.
					this.threads.execute(() -> run(next));
				}
				task = next;
			}
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
