package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

import dev.litestream.LitestreamException;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A WAL that loses its name while it is open: the application commits into a file that
 * nobody can find. That is no WAL that was truncated behind us.
 */
class LostWalTests {

	@TempDir
	Path directory;

	private static void commit(Application app, int rows) throws Exception {
		for (int i = 0; i < rows; i++) {
			app.execute("INSERT INTO t VALUES(randomblob(100))");
		}
	}

	private static void requireAlarm(Application app, String sentence) {
		assertThatExceptionOfType(LitestreamException.class)
			.isThrownBy(() -> app.database().sync(Duration.ofSeconds(5)))
			.withMessageContaining(app.wal() + " " + sentence);
		await().atMost(Application.LONG)
			.untilAsserted(() -> assertThat(app.status().state()).isEqualTo(ReplicationState.REPLICA_UNAVAILABLE));
		assertThat(app.status().lastError()).contains(sentence);
	}

	@Test
	void aDeletedWalIsAnAlarmAndAStopInGoodOrderKeepsItsCommits() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			commit(app, 10);
			app.sync();
			Files.delete(app.wal());
			commit(app, 10);
			requireAlarm(app, "was deleted while the application has the database open");
			assertThat(app.status().inSync()).isFalse();
			assertThat(app.engine.syncAll()).isFalse();
		}
		try (Application app = new Application(this.directory)) {
			assertThat(app.query("SELECT count(*) FROM t")).isEqualTo(20);
			app.requireReplicaEqual();
			assertThat(app.status().state()).isEqualTo(ReplicationState.REPLICATING);
		}
	}

	@Test
	void aDeletedWalIsNoticedWhileNobodyCommits() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofMillis(50)))) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			Files.delete(app.wal());
			await().atMost(Application.LONG)
				.untilAsserted(() -> assertThat(app.status().lastError()).contains("was deleted while"));
		}
	}

	@Test
	void aCopyInPlaceOfTheWalIsAnAlarm() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			commit(app, 10);
			app.sync();
			Path copy = Files.copy(app.wal(), this.directory.resolve("copy"));
			Files.move(copy, app.wal(), StandardCopyOption.ATOMIC_MOVE);
			commit(app, 10);
			requireAlarm(app, "was replaced by another file");
		}
	}

	@Test
	@Hazard("G1")
	void aWalThatAnotherProcessDeletesAfterTheLocksWereLostIsAnAlarm() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			commit(app, 10);
			app.sync();
			Files.newInputStream(app.path()).close();
			Files.newInputStream(app.path().resolveSibling("app.db-shm")).close();
			await().atMost(Application.LONG)
				.until(() -> app.status().counters().lastResync() == ResyncReason.LOCKS_LOST);
			try (ForeignProcess foreign = ForeignProcess.on(app.path())) {
				foreign.execute("SELECT count(*) FROM t");
			}
			assertThat(app.wal()).doesNotExist();
			commit(app, 10);
			requireAlarm(app, "was deleted while the application has the database open");
		}
	}

	@Test
	@Hazard("G1")
	void lostLocksAreAnErrorUntilTheyAreBack() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			assertThat(app.status().condition().hasErrors()).isFalse();
			Files.newInputStream(app.path()).close();
			await().atMost(Application.LONG).until(() -> app.status().condition().hasErrors());
			assertThat(app.status().condition().findings().get(0).message()).contains("SQLite's locks on " + app.path())
				.contains("Restart the application");
			app.requireReplicaEqual();
			app.engine.stop();
			app.engine.start();
			app.requireReplicaEqual();
			assertThat(app.status().condition().hasErrors()).as("nothing has brought them back").isTrue();
		}
		try (Application app = new Application(this.directory)) {
			app.requireReplicaEqual();
			assertThat(app.status().condition().hasErrors()).isFalse();
		}
	}

}
