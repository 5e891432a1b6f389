package dev.litestream.threads;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class SerialTaskTests {

	/** Threads that a test lets run. */
	private final Deque<Runnable> given = new ArrayDeque<>();

	private final List<Throwable> failures = new ArrayList<>();

	private final AtomicInteger ran = new AtomicInteger();

	@Test
	void signalsBeforeARunAreOneRunAndThoseDuringItOneMore() {
		SerialTask[] task = new SerialTask[1];
		task[0] = new SerialTask(this.given::add, () -> {
			if (this.ran.incrementAndGet() == 1) {
				task[0].signal();
				task[0].signal();
			}
		}, this.failures::add);
		task[0].signal();
		task[0].signal();
		runAll();
		assertThat(this.ran).hasValue(2);
	}

	@ParameterizedTest
	@ValueSource(classes = { RejectedExecutionException.class, OutOfMemoryError.class, NullPointerException.class })
	void whatCannotBeStartedNowIsStartedByTheNextSignal(Class<? extends Throwable> kind) {
		AtomicInteger attempts = new AtomicInteger();
		SerialTask task = new SerialTask((run) -> {
			if (attempts.incrementAndGet() == 1) {
				throwAs(kind);
			}
			this.given.add(run);
		}, this.ran::incrementAndGet, this.failures::add);
		catchThrowable(task::signal);
		task.signal();
		runAll();
		assertThat(this.ran).hasValue(1);
	}

	/** It may be a commit that signals, in the middle of the application's work. */
	@Test
	void whoSignalsDoesNotSufferFromWantOfThreads() {
		SerialTask task = new SerialTask((run) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, this.ran::incrementAndGet, this.failures::add);
		assertThat(catchThrowable(task::signal)).isNull();
	}

	@Test
	void aFailureIsToldAndTheNextSignalRunsItAgain() {
		SerialTask task = new SerialTask(this.given::add, () -> {
			this.ran.incrementAndGet();
			throw new StackOverflowError();
		}, this.failures::add);
		task.signal();
		runAll();
		task.signal();
		runAll();
		assertThat(this.ran).hasValue(2);
		assertThat(this.failures).hasSize(2).hasOnlyElementsOfType(StackOverflowError.class);
	}

	@Test
	void aFailureThatCannotBeToldDoesNotEndItForEver() {
		SerialTask task = new SerialTask(this.given::add, () -> {
			this.ran.incrementAndGet();
			throw new IllegalStateException("the body");
		}, (failure) -> {
			throw new OutOfMemoryError("the log");
		});
		task.signal();
		catchThrowable(this::runAll);
		task.signal();
		catchThrowable(this::runAll);
		assertThat(this.ran).hasValue(2);
	}

	private void runAll() {
		while (!this.given.isEmpty()) {
			this.given.remove().run();
		}
	}

	private static void throwAs(Class<? extends Throwable> kind) {
		if (kind == OutOfMemoryError.class) {
			throw new OutOfMemoryError("unable to create native thread");
		}
		throw (kind == RejectedExecutionException.class) ? new RejectedExecutionException()
				: new NullPointerException();
	}

}
