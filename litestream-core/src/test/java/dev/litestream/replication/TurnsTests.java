package dev.litestream.replication;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TurnsTests {

	/** Threads that a test lets run. */
	private final Deque<Runnable> given = new ArrayDeque<>();

	private final List<Integer> done = new ArrayList<>();

	private final Turns turns = new Turns(this.given::add, 2);

	@Test
	void noMoreThanAFewThreadsAreTakenAndAllTasksHaveTheirTurn() {
		for (int i = 0; i < 5; i++) {
			int task = i;
			this.turns.execute(() -> this.done.add(task));
		}
		assertThat(this.given).hasSize(2);
		for (int i = 1; i <= 5; i++) {
			this.given.remove().run();
			assertThat(this.done).hasSize(i);
			assertThat(this.given).hasSizeLessThanOrEqualTo(2);
		}
		assertThat(this.done).containsExactly(0, 1, 2, 3, 4);
		assertThat(this.given).isEmpty();
	}

	@Test
	void aTaskThatFailsGivesItsTurnAway() {
		for (int i = 0; i < 3; i++) {
			this.turns.execute(() -> {
				throw new IllegalStateException("no");
			});
		}
		this.turns.execute(() -> this.done.add(1));
		while (!this.given.isEmpty()) {
			try {
				this.given.remove().run();
			}
			catch (IllegalStateException ex) {
				assertThat(ex).hasMessage("no");
			}
		}
		assertThat(this.done).containsExactly(1);
	}

	@Test
	void aClosedPoolIsTold() {
		Turns closed = new Turns((task) -> {
			throw new RejectedExecutionException("closed");
		}, 1);
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> closed.execute(() -> {
			}));
		}
	}

}
