package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

import dev.litestream.DatabaseOptions;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.test.Hazard;
import dev.litestream.test.LockWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * What sharing a process with the application can break: SQLite's POSIX locks, and
 * threads that are interrupted.
 */
class InProcessHazardTests {

	@TempDir
	Path directory;

	@Test
	@Hazard("G1")
	@Hazard("A13")
	void noOperationDropsSqlitesLocks() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(10));
				ForeignProcess foreign = ForeignProcess.on(app.path())) {
			foreign.execute("PRAGMA busy_timeout=20");
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			app.sync();
			try (Connection connection = app.unprepared()) {
				requireLocks(app, foreign, "start and sync");
				app.database().prepare(connection);
				requireLocks(app, foreign, "prepare");
				app.status();
				requireLocks(app, foreign, "status");
				app.database().awaitReplicated(app.status().txid(), Application.LONG);
				app.database().awaitReplicated(new Txid(1_000_000), Duration.ofMillis(1));
				requireLocks(app, foreign, "awaitReplicated");
				long checkpoints = app.status().counters().checkpoints();
				await().atMost(Application.LONG).until(() -> {
					app.execute("INSERT INTO t(v) VALUES(randomblob(9000))");
					return app.status().counters().checkpoints() > checkpoints + 1;
				});
				requireLocks(app, foreign, "checkpoint");
				restore(app, this.directory.resolve("elsewhere.db"));
				requireLocks(app, foreign, "restore of another file");
				assertThat(catchThrowable(() -> restore(app, app.path()))).isNotNull();
				requireLocks(app, foreign, "refused restore over the live file");
				LitestreamEngine second = LitestreamEngine.builder()
					.database(DatabaseOptions.of(app.path()).build(),
							new FileReplicaClient(this.directory.resolve("other")))
					.build();
				assertThat(catchThrowable(second::restore)).hasMessageContaining("Another replicator already works");
				assertThat(catchThrowable(second::start)).isNotNull();
				second.close();
				requireLocks(app, foreign, "close of a refused second engine");
				Path moved = this.directory.resolve("moved-spool");
				LitestreamEngine third = LitestreamEngine.builder()
					.database(DatabaseOptions.of(app.path()).metaPath(moved).build(),
							new FileReplicaClient(this.directory.resolve("other")))
					.build();
				assertThat(catchThrowable(third::start)).hasMessageContaining("Another replicator already works");
				third.close();
				requireLocks(app, foreign, "close of another engine on the same file");
				app.engine.stop();
				requireLocks(app, foreign, "stop");
				app.engine.start();
				requireLocks(app, foreign, "start again");
			}
			app.engine.close();
			assertThat(LockWatch.of(app.path()).isIntact()).as("the application's locks after close").isTrue();
			assertThat(catchThrowable(() -> foreign.execute("PRAGMA journal_mode=DELETE"))).isNotNull();
		}
	}

	@Test
	@Hazard("G1")
	void locksDroppedByTheApplicationAreNoticedAndTheDatabaseResynced() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(50000))");
			app.sync();
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.FIRST_SYNC);
			Files.newInputStream(app.path()).close();
			assertThat(LockWatch.of(app.path()).isIntact()).as("locks after the file was opened and closed").isFalse();
			await().atMost(Application.LONG)
				.until(() -> app.status().counters().lastResync() == ResyncReason.LOCKS_LOST);
			long resyncs = app.status().counters().resyncs();
			app.execute("INSERT INTO t VALUES(1)");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).as("once is enough").isEqualTo(resyncs);
		}
	}

	@Test
	@Hazard("A14")
	@Hazard("G4")
	void interruptedCallersLeaveLockAndFilesAlone() throws Exception {
		// No checkpoints of our own: after one, everything is synced and others may
		// truncate.
		try (Application app = new Application(this.directory,
				(o) -> o.minCheckpointPages(1_000_000).checkpointInterval(Duration.ZERO));
				ForeignProcess foreign = ForeignProcess.on(app.path())) {
			foreign.execute("PRAGMA busy_timeout=20");
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			app.sync();
			for (int i = 0; i < 20; i++) {
				app.execute("INSERT INTO t(v) VALUES(randomblob(30000))");
				interrupted(i, () -> app.database().sync(Application.LONG));
				interrupted(i, () -> app.database().awaitReplicated(new Txid(1_000_000), Application.LONG));
				Path target = this.directory.resolve("interrupted-" + i + ".db");
				interrupted(i, () -> {
					restore(app, target);
					return null;
				});
				Files.deleteIfExists(target);
				requireLocks(app, foreign, "interrupt " + i);
			}
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
			assertThat(app.status().counters().syncErrors()).isZero();
			try (var files = Files.list(this.directory)) {
				assertThat(files.map((file) -> file.getFileName().toString())).containsExactlyInAnyOrder("data",
						"replica");
			}
		}
	}

	@Test
	@Hazard("A14")
	@Hazard("G4")
	void interruptedCallersDisturbNoCheckpoint() throws Exception {
		try (Application app = new Application(this.directory,
				(o) -> o.minCheckpointPages(5).syncInterval(Duration.ofMillis(20)))) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			app.sync();
			LockWatch locks = LockWatch.of(app.path());
			for (int i = 0; app.status().counters().checkpoints() < 4; i++) {
				app.execute("INSERT INTO t(v) VALUES(randomblob(30000))");
				Object result = interrupted(i % 20, () -> app.database().sync(Application.LONG));
				assertThat(result).isInstanceOfAny(Boolean.class, InterruptedException.class);
				assertThat(locks.isIntact()).as("locks after interrupt %d", i).isTrue();
			}
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
			assertThat(app.status().counters().syncErrors()).isZero();
			assertThat(app.status().counters().checkpointErrors()).isZero();
		}
	}

	/** Runs something on a thread that is interrupted before or shortly after. */
	private static Object interrupted(int round, Callable<Object> action) throws Exception {
		FutureTask<Object> task = new FutureTask<>(() -> {
			try {
				if (round % 2 == 0) {
					Thread.currentThread().interrupt();
				}
				return action.call();
			}
			catch (Exception ex) {
				return ex;
			}
		});
		Thread thread = new Thread(task);
		thread.start();
		if (round % 2 == 1) {
			thread.join(round / 4 + 1L);
			thread.interrupt();
		}
		return task.get();
	}

	private void restore(Application app, Path target) throws Exception {
		try (FileReplicaClient client = new FileReplicaClient(app.replica())) {
			client.open();
			new Restorer().restore(client, RestoreOptions.latest(target), null);
		}
	}

	/**
	 * The locks are there, and do what they are for: nobody restarts the WAL over a
	 * commit that has not been read.
	 */
	private static void requireLocks(Application app, ForeignProcess foreign, String after) throws Exception {
		assertThat(LockWatch.of(app.path()).isIntact()).as("locks after %s", after).isTrue();
		long resyncs = app.status().counters().resyncs();
		try (Connection unseen = app.unprepared()) {
			Application.execute(unseen, "PRAGMA wal_autocheckpoint=0", "PRAGMA busy_timeout=5000",
					"INSERT INTO t(v) VALUES('" + after + "')");
		}
		for (String kind : List.of("RESTART", "TRUNCATE")) {
			foreign.execute("PRAGMA wal_checkpoint(" + kind + ")");
		}
		if (Files.size(app.wal()) == 0) {
			// Allowed where all of it had been read and checkpointed before.
			assertThat(app.database().sync(Application.LONG)).as("replicated after %s", after).isTrue();
			assertThat(app.status().counters().resyncs()).as("WAL after %s and a foreign TRUNCATE", after)
				.isEqualTo(resyncs);
		}
	}

}
