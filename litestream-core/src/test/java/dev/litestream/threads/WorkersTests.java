package dev.litestream.threads;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

/**
 * The system has no thread left for a moment.
 */
@Timeout(60)
class WorkersTests {

	private static final Duration SHORT = Duration.ofMillis(2);

	private static final Duration LONG = Duration.ofSeconds(30);

	private final AtomicBoolean exhausted = new AtomicBoolean();

	/** How often there was none. */
	private final AtomicInteger refused = new AtomicInteger();

	private final Workers workers = new Workers((task) -> {
		if (this.exhausted.get()) {
			this.refused.incrementAndGet();
			throw new OutOfMemoryError("unable to create native thread");
		}
		Thread thread = new Thread(task);
		thread.setDaemon(true);
		return thread;
	});

	@AfterEach
	void close() {
		this.workers.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "pool", "syncs", "checkpoints", "uploads", "lane" })
	void whatIsDueRunsOnceThereAreThreadsAgain(String kind) throws Exception {
		Executor threads = switch (kind) {
			case "pool" -> this.workers.pool();
			case "syncs" -> this.workers.syncs();
			case "checkpoints" -> this.workers.checkpoints();
			case "uploads" -> this.workers.uploads("a");
			default -> this.workers.lane(1);
		};
		CountDownLatch held = exhaust();
		CountDownLatch ran = new CountDownLatch(1);
		SerialTask task = new SerialTask(threads, ran::countDown, (failure) -> {
		});
		assertThatCode(task::signal).doesNotThrowAnyException();
		await().atMost(LONG).until(() -> this.refused.get() > 1);
		assertThat(ran.getCount()).isOne();
		this.exhausted.set(false);
		assertThat(ran.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
		held.countDown();
	}

	@Test
	void ticksGoOn() {
		CountDownLatch held = exhaust();
		AtomicInteger ticks = new AtomicInteger();
		this.workers.tick(SHORT, ticks::incrementAndGet);
		await().atMost(LONG).until(() -> this.refused.get() > 1);
		this.exhausted.set(false);
		await().atMost(LONG).until(() -> ticks.get() > 10);
		held.countDown();
	}

	@Test
	void theTickOfOneDatabaseDoesNotEndThatOfAnother() {
		AtomicInteger before = new AtomicInteger();
		AtomicInteger after = new AtomicInteger();
		this.workers.tick(SHORT, before::incrementAndGet);
		for (int i = 0; i < 5; i++) {
			this.workers.tick(SHORT, () -> {
				throw new OutOfMemoryError("Java heap space");
			});
		}
		this.workers.tick(SHORT, after::incrementAndGet);
		await().atMost(LONG).until(() -> before.get() > 5 && after.get() > 5);
	}

	@Test
	void whatFailsOnTheTimerIsRunAgain() {
		AtomicInteger times = new AtomicInteger();
		Runnable cancel = this.workers.every(SHORT, () -> {
			times.incrementAndGet();
			throw new OutOfMemoryError("Java heap space");
		});
		await().atMost(LONG).until(() -> times.get() > 5);
		cancel.run();
	}

	/** Threads that exist are used still: they have to be busy. */
	private CountDownLatch exhaust() {
		CountDownLatch held = new CountDownLatch(1);
		for (int i = 0; i < 3; i++) {
			this.workers.pool().execute(() -> awaitQuietly(held));
		}
		this.exhausted.set(true);
		return held;
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
