package dev.litestream.engine;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Does the same to many things at the same time, each of which may wait. The calling
 * thread takes part, and does everything if no other thread is available. A failure for
 * one does not stop the others. Thread-safe.
 */
final class AtOnce {

	private final Executor threads;

	private final int most;

	/**
	 * Prepares. The threads help; they may be late, or none may be available. At most
	 * {@code most} things are worked on at the same time.
	 */
	AtOnce(Executor threads, int most) {
		this.threads = threads;
		this.most = most;
	}

	/**
	 * Does something to each and waits for all. An interrupt does not end that, and is
	 * kept. The first failure is thrown once all are done.
	 */
	<T> void forEach(List<T> things, Consumer<T> action) {
		Queue<T> waiting = new ConcurrentLinkedQueue<>(things);
		CountDownLatch left = new CountDownLatch(things.size());
		AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
		Runnable work = () -> {
			for (T thing = waiting.poll(); thing != null; thing = waiting.poll()) {
				try {
					action.accept(thing);
				}
				catch (RuntimeException | Error ex) {
					failure.compareAndSet(null, ex);
				}
				finally {
					left.countDown();
				}
			}
		};
		help(work, Math.min(this.most, things.size()) - 1);
		work.run();
		await(left);
		if (failure.get() instanceof RuntimeException unchecked) {
			throw unchecked;
		}
		if (failure.get() instanceof Error error) {
			throw error;
		}
	}

	private void help(Runnable work, int helpers) {
		try {
			for (int i = 0; i < helpers; i++) {
				this.threads.execute(work);
			}
		}
		catch (OutOfMemoryError | RejectedExecutionException ex) {
			// No thread can be started: goes on with those that run.
		}
	}

	private static void await(CountDownLatch left) {
		boolean interrupted = false;
		while (left.getCount() > 0) {
			try {
				left.await();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
