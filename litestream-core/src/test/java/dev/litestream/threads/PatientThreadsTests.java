package dev.litestream.threads;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * Neither threads nor memory: not even the attempt for later can be set.
 */
class PatientThreadsTests {

	private final Deque<Runnable> later = new ArrayDeque<>();

	private boolean threads = true;

	private boolean memory = true;

	private final PatientThreads patient = new PatientThreads((task) -> {
		require(this.threads, "unable to create native thread");
		task.run();
	}, (attempt) -> {
		require(this.memory, "Java heap space");
		this.later.add(attempt);
	});

	private final AtomicInteger ran = new AtomicInteger();

	private static void require(boolean there, String error) {
		if (!there) {
			throw new OutOfMemoryError(error);
		}
	}

	@Test
	void aTaskWhoseNextAttemptCannotBeSetIsNotLost() {
		this.threads = false;
		SerialTask task = new SerialTask(new Lane(this.patient, 1), this.ran::incrementAndGet, (failure) -> {
		});
		task.signal();
		this.memory = false;
		assertThatCode(() -> this.later.remove().run()).doesNotThrowAnyException();
		this.threads = true;
		this.memory = true;
		this.patient.startWaiting();
		assertThat(this.ran).hasValue(1);
		task.signal();
		assertThat(this.ran).as("neither the task nor its lane is blocked").hasValue(2);
	}

	@Test
	void manyThatWaitAreOneAttempt() {
		this.threads = false;
		for (int i = 0; i < 5; i++) {
			this.patient.execute(this.ran::incrementAndGet);
		}
		assertThat(this.later).hasSize(1);
		this.later.remove().run();
		assertThat(this.later).hasSize(1);
		this.threads = true;
		this.later.remove().run();
		assertThat(this.ran).hasValue(5);
		assertThat(this.later).isEmpty();
	}

}
