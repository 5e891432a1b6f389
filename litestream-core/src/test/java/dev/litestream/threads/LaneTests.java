package dev.litestream.threads;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LaneTests {

	/** Threads that a test lets run. */
	private final Deque<Runnable> given = new ArrayDeque<>();

	private final List<Integer> done = new ArrayList<>();

	/** Whether there is no thread to be had. */
	private final AtomicBoolean exhausted = new AtomicBoolean();

	private final Lane lane = new Lane((task) -> {
		if (this.exhausted.get()) {
			throw new OutOfMemoryError("unable to create native thread");
		}
		this.given.add(task);
	}, 2);

	@Test
	void noMoreThanAFewThreadsAreTakenAndAllTasksHaveTheirTurn() {
		for (int i = 0; i < 5; i++) {
			int task = i;
			this.lane.execute(() -> this.done.add(task));
		}
		assertThat(this.given).hasSize(2);
		this.given.remove().run();
		assertThat(this.done).containsExactly(0, 2, 3, 4);
		this.given.remove().run();
		assertThat(this.done).containsExactly(0, 2, 3, 4, 1);
		assertThat(this.given).isEmpty();
	}

	@Test
	void threadsThatAreFreeAgainAreTakenAgain() {
		for (int i = 0; i < 6; i++) {
			int task = i;
			this.lane.execute(() -> this.done.add(task));
			this.lane.execute(() -> this.done.add(-task));
			assertThat(this.given).as("threads").hasSize(2);
			runAll();
		}
		assertThat(this.done).hasSize(12);
	}

	@Test
	void aTaskThatFailsGivesItsPlaceAwayAndIsHeardOf() {
		for (int i = 0; i < 3; i++) {
			this.lane.execute(() -> {
				throw new IllegalStateException("no");
			});
		}
		this.lane.execute(() -> this.done.add(1));
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this.given.remove()::run).withMessage("no");
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this.given.remove()::run).withMessage("no");
		assertThat(this.done).containsExactly(1);
		requirePlaces();
	}

	@Test
	void whatWaitsBehindATaskThatFailsNeedsNoOtherThread() {
		for (int i = 0; i < 2; i++) {
			this.lane.execute(() -> {
				throw new OutOfMemoryError("unable to create native thread");
			});
		}
		this.lane.execute(() -> this.done.add(1));
		this.exhausted.set(true);
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(this.given.remove()::run);
		assertThat(this.done).containsExactly(1);
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(this.given.remove()::run);
		this.exhausted.set(false);
		requirePlaces();
	}

	@Test
	void aThreadThatIsNotToBeHadTakesNoPlace() {
		this.exhausted.set(true);
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> this.lane.execute(() -> {
			}));
		}
		this.exhausted.set(false);
		requirePlaces();
	}

	@Test
	void aClosedPoolIsTold() {
		Lane closed = new Lane((task) -> {
			throw new RejectedExecutionException("closed");
		}, 1);
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> closed.execute(() -> {
			}));
		}
	}

	/** Two tasks get a thread, a third one waits. */
	private void requirePlaces() {
		assertThat(this.given).isEmpty();
		this.done.clear();
		for (int i = 0; i < 3; i++) {
			int task = i;
			this.lane.execute(() -> this.done.add(task));
		}
		assertThat(this.given).as("places").hasSize(2);
		runAll();
		assertThat(this.done).containsExactlyInAnyOrder(0, 1, 2);
	}

	private void runAll() {
		while (!this.given.isEmpty()) {
			this.given.remove().run();
		}
	}

}
