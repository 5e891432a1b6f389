package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import dev.litestream.DatabaseOptions;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicationState;
import dev.litestream.Txid;
import dev.litestream.capture.CommitSignals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What several tasks report at once. */
class StateMachineTests {

	private final HookedProgress progress = new HookedProgress();

	private final StateMachine state = new StateMachine("app", this.progress, (event) -> {
	});

	@BeforeEach
	void replicate() {
		this.progress.acknowledged(Txid.FIRST);
	}

	/** Each report comes after another one has looked, and before it acts. */
	@Test
	void failureIsNotOverwrittenByWhatIsReportedMeanwhile() throws Exception {
		List<Runnable> reports = List.of(() -> this.state.syncFailed(new IOException("no")),
				() -> this.state.replicaFailed("there", new IOException("no")), this.state::replicating,
				this.state::synced, this.state::opened, () -> this.state.failedUnexpectedly(new Error("no")));
		for (Runnable report : reports) {
			// Opened is no news where it was open.
			this.state.started(report != reports.get(4));
			this.state.reconciled();
			if (report == reports.get(2)) {
				this.state.replicaFailed("there", new IOException("no"));
			}
			else if (report == reports.get(3)) {
				this.state.replicating();
				this.state.syncFailed(new IOException("no"));
			}
			else if (report != reports.get(4)) {
				this.state.synced();
				this.state.replicating();
			}
			Thread other = new Thread(() -> this.state.conflicted(new IOException("another writer")));
			this.progress.beforeWrite.set(() -> startAndAwait(other));
			report.run();
			other.join(10_000);
			assertThat(other.isAlive()).isFalse();
			assertThat(this.progress.beforeWrite).as("the hook was used").hasNullValue();
			assertThat(this.progress.state()).isEqualTo(ReplicationState.FAILED);
			assertThat(this.state.isReplicating()).isFalse();
		}
	}

	@Test
	void failureStaysUntilItIsStartedAgain() {
		this.state.started(true);
		this.state.reconciled();
		this.state.replicating();
		this.state.mismatched(new IOException("another file"));
		this.state.syncFailed(new IOException("no"));
		this.state.replicaFailed("there", new IOException("no"));
		this.state.opened();
		this.state.reconciled();
		this.state.synced();
		this.state.replicating();
		this.state.caughtUp();
		assertThat(this.state.hasFailed()).isTrue();
		assertThat(this.state.isReconciled()).isFalse();
		assertThat(this.progress.status().lastError()).contains("another file");
		this.state.stopped();
		this.state.started(true);
		this.state.reconciled();
		this.state.replicating();
		assertThat(this.progress.state()).isEqualTo(ReplicationState.REPLICATING);
	}

	/** Until it has done what it can, now or as soon as the monitor is free. */
	private static void startAndAwait(Thread thread) {
		thread.start();
		await().until(() -> thread.getState() == Thread.State.BLOCKED || thread.getState() == Thread.State.TERMINATED);
	}

	/** Lets something happen when a state has been decided on, but is not written yet. */
	private static final class HookedProgress extends Progress {

		private final AtomicReference<Runnable> beforeWrite = new AtomicReference<>();

		HookedProgress() {
			super(DatabaseOptions.of(Path.of("app.db")).build(), "there", () -> ReplicaCondition.UNKNOWN, () -> true,
					Clock.systemUTC(), new CommitSignals());
		}

		@Override
		void state(ReplicationState state) {
			Runnable hook = this.beforeWrite.getAndSet(null);
			if (hook != null) {
				hook.run();
			}
			super.state(state);
		}

	}

}
