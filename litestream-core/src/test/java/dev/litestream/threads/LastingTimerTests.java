package dev.litestream.threads;

import java.time.Duration;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Errors on the thread of a timer.
 */
@Timeout(60)
class LastingTimerTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private final AtomicBoolean exhausted = new AtomicBoolean();

	private final AtomicInteger refused = new AtomicInteger();

	private final LastingTimer timer = new LastingTimer((task) -> {
		if (this.exhausted.get()) {
			this.refused.incrementAndGet();
			throw new OutOfMemoryError("unable to create native thread");
		}
		Thread thread = new Thread(task);
		thread.setUncaughtExceptionHandler((dead, failure) -> {
		});
		thread.setDaemon(true);
		return thread;
	});

	@AfterEach
	void close() {
		this.timer.shutdownNow();
	}

	@Test
	void aRepeatedTaskRunsAgainWhateverItThrows() {
		AtomicInteger delayed = new AtomicInteger();
		AtomicInteger fixed = new AtomicInteger();
		this.timer.scheduleWithFixedDelay(() -> fail(delayed), 1, 1, TimeUnit.MILLISECONDS);
		this.timer.scheduleAtFixedRate(() -> fail(fixed), 1, 1, TimeUnit.MILLISECONDS);
		await().atMost(LONG).until(() -> delayed.get() > 5 && fixed.get() > 5);
	}

	private static void fail(AtomicInteger times) {
		times.incrementAndGet();
		throw new OutOfMemoryError("Java heap space");
	}

	@Test
	void aThreadThatDiesIsReplacedAsSoonAsTheSystemHasAnother() throws Exception {
		AtomicInteger ticks = new AtomicInteger();
		this.timer.scheduleWithFixedDelay(ticks::incrementAndGet, 1, 1, TimeUnit.MILLISECONDS);
		await().atMost(LONG).until(() -> ticks.get() > 2);
		this.exhausted.set(true);
		this.timer.getQueue().add(new Deadly());
		await().atMost(LONG).until(() -> this.refused.get() > 1);
		int before = ticks.get();
		this.exhausted.set(false);
		await().atMost(LONG).until(() -> ticks.get() > before + 2);
	}

	@Test
	void aThreadThatDiesAfterTheEndIsNotReplaced() throws Exception {
		this.timer.prestartCoreThread();
		this.exhausted.set(true);
		this.timer.getQueue().add(new Deadly());
		await().atMost(LONG).until(() -> this.refused.get() > 0);
		this.timer.shutdownNow();
		assertThat(this.timer.awaitTermination(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	/** What the thread takes from its queue and cannot survive. */
	private static final class Deadly extends FutureTask<Void> implements RunnableScheduledFuture<Void> {

		Deadly() {
			super(() -> null);
		}

		@Override
		public void run() {
			throw new OutOfMemoryError("Java heap space");
		}

		@Override
		public boolean isPeriodic() {
			return false;
		}

		@Override
		public long getDelay(TimeUnit unit) {
			return 0;
		}

		@Override
		public int compareTo(Delayed other) {
			return -1;
		}

	}

}
