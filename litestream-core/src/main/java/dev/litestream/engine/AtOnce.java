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
 * thread does its part, and all of it if there are no other threads to be had. What fails
 * for one is done to the others nevertheless. Thread-safe.
 */
final class AtOnce {

	private final Executor threads;

	private final int most;

	/**
	 * Prepares.
	 * @param threads help; may be late, or have none
	 * @param most how many at the same time
	 */
	AtOnce(Executor threads, int most) {
		this.threads = threads;
		this.most = most;
	}

	/**
	 * Does something to each and waits for all. An interrupt does not end that, and is
	 * kept.
	 * @param things to what
	 * @param action what; its first failure is thrown once all are done
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
			// No thread can be started: with those that there are.
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
