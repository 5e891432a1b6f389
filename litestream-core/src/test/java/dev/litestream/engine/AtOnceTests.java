package dev.litestream.engine;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for {@link AtOnce}.
 */
@Timeout(60)
class AtOnceTests {

	private final List<Integer> things = IntStream.range(0, 20).boxed().toList();

	private final Queue<Integer> done = new ConcurrentLinkedQueue<>();

	@Test
	void allAreDoneAlsoIfNoThreadCanBeStarted() {
		new AtOnce((task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, 8).forEach(this.things, this.done::add);
		assertThat(this.done).containsExactlyElementsOf(this.things);
	}

	@Test
	void allAreDoneAlsoIfThreadsComeTooLate() {
		Queue<Runnable> late = new ConcurrentLinkedQueue<>();
		new AtOnce(late::add, 8).forEach(this.things, this.done::add);
		late.forEach(Runnable::run);
		assertThat(this.done).containsExactlyElementsOf(this.things);
	}

	@Test
	void manyWaitAtOnce() {
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			CyclicBarrier all = new CyclicBarrier(20);
			new AtOnce(threads, 20).forEach(this.things, (thing) -> {
				try {
					all.await(30, TimeUnit.SECONDS);
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
				this.done.add(thing);
			});
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(this.done).containsExactlyInAnyOrderElementsOf(this.things);
	}

	@Test
	void whatFailsForOneIsDoneToTheOthers() {
		assertThatThrownBy(() -> new AtOnce(Runnable::run, 1).forEach(this.things, (thing) -> {
			if (thing == 3) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			this.done.add(thing);
		})).isInstanceOf(OutOfMemoryError.class);
		assertThat(this.done).hasSize(19);
	}

}
