package dev.litestream.replication;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;

/**
 * Lets a few tasks at a time use an engine's threads, the others wait without one: so
 * that long work of many databases, due at the same boundary, never takes the threads
 * that syncs and uploads need. Safe for use by several threads.
 */
public final class Turns implements Executor {

	private final Executor executor;

	private final Deque<Runnable> waiting = new ArrayDeque<>();

	private int free;

	/**
	 * Creates turns on an engine's threads.
	 * @param workers the threads
	 * @param atOnce how many tasks run at once
	 */
	public Turns(Workers workers, int atOnce) {
		this(workers.pool(), atOnce);
	}

	Turns(Executor executor, int atOnce) {
		this.executor = executor;
		this.free = atOnce;
	}

	@Override
	public void execute(Runnable task) {
		synchronized (this) {
			if (this.free == 0) {
				this.waiting.add(task);
				return;
			}
			this.free--;
		}
		start(task);
	}

	private void start(Runnable task) {
		try {
			this.executor.execute(() -> run(task));
		}
		catch (RuntimeException ex) {
			// The engine was closed.
			ended();
			throw ex;
		}
	}

	private void run(Runnable task) {
		try {
			task.run();
		}
		finally {
			Runnable next = ended();
			if (next != null) {
				execute(next);
			}
		}
	}

	private synchronized @Nullable Runnable ended() {
		this.free++;
		return this.waiting.poll();
	}

}
