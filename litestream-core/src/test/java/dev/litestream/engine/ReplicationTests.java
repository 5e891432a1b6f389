package dev.litestream.engine;

import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Replication of one database, from commit to replica and back.
 */
class ReplicationTests {

	@TempDir
	Path directory;

	@Test
	void commitReachesTheReplicaWithoutAskingForIt() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofHours(1)))) {
			app.execute("CREATE TABLE t(a)");
			app.sync();
			Txid before = app.status().replicatedTxid();
			app.execute("INSERT INTO t VALUES(1)");
			await().atMost(Application.LONG).until(() -> app.status().replicatedTxid().isAfter(before));
			app.requireReplicaEqual();
		}
	}

	/**
	 * The listener is called for it as for any commit. Its signal is looked for again for
	 * a second, in which it must not count as lag. Should the machine stall for as long
	 * as that, another attempt tells.
	 */
	@Test
	void commitThatWritesNothingIsNoLag() {
		AtomicInteger attempt = new AtomicInteger();
		await().atMost(Application.LONG)
			.until(() -> isInSyncAfterACommitThatWritesNothing(
					this.directory.resolve("attempt-" + attempt.incrementAndGet())));
	}

	private static boolean isInSyncAfterACommitThatWritesNothing(Path directory) throws Exception {
		try (Application app = new Application(directory, (o) -> o.syncInterval(Duration.ofHours(1)))) {
			try (Connection unseen = app.unprepared()) {
				Application.execute(unseen, "CREATE TABLE t(a)");
			}
			app.sync();
			long syncs = app.status().counters().syncs();
			long signalled = System.nanoTime();
			app.execute("BEGIN IMMEDIATE", "COMMIT");
			await().atMost(Application.LONG).until(() -> app.status().counters().syncs() > syncs);
			int inSync = 0;
			while (inSync < 30 && System.nanoTime() - signalled < Duration.ofMillis(800).toNanos()) {
				LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
				inSync = (app.status().inSync() && app.status().lag().isZero()) ? inSync + 1 : 0;
			}
			return inSync == 30 && System.nanoTime() - signalled < Duration.ofMillis(900).toNanos();
		}
	}

	@Test
	void commitAfterOneThatWroteNothingReachesTheReplica() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofHours(1)))) {
			app.execute("CREATE TABLE t(a)");
			app.sync();
			for (int i = 0; i < 20; i++) {
				Txid before = app.status().replicatedTxid();
				app.execute("BEGIN IMMEDIATE", "COMMIT", "INSERT INTO t VALUES(1)");
				await().atMost(Application.LONG).until(() -> app.status().replicatedTxid().isAfter(before));
			}
			app.requireReplicaEqual();
		}
	}

	@Test
	void randomWorkIsRestoredPageByPage() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			for (int i = 0; i < 20; i++) {
				app.execute("INSERT INTO t(v) SELECT randomblob(abs(random()) % 3000) FROM json_each('["
						+ "1,".repeat(50) + "1]')");
				app.execute("DELETE FROM t WHERE id % 7 = " + (i % 7));
				if (i % 8 == 3) {
					app.execute("VACUUM");
				}
				if (i % 5 == 0) {
					app.requireReplicaEqual();
				}
			}
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.FIRST_SYNC);
		}
	}

	@Test
	void cleanRestartContinuesWithoutAResync() throws Exception {
		Txid end;
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
			app.sync();
			end = app.status().txid();
		}
		assertThat(this.directory.resolve("data/app.db-wal")).exists();
		for (int i = 0; i < 3; i++) {
			try (Application app = new Application(this.directory)) {
				app.execute("INSERT INTO t VALUES(1)");
				app.requireReplicaEqual();
				assertThat(app.status().counters().resyncs()).isZero();
				assertThat(app.status().txid()).isGreaterThan(end);
				end = app.status().txid();
			}
		}
	}

	@Test
	void restoredDatabaseContinuesTheHistoryWithTheDifferenceOnly() throws Exception {
		Txid end;
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t SELECT randomblob(200000) FROM json_each('[1,2,3,4,5]')");
			app.sync();
			end = app.status().replicatedTxid();
		}
		deleteRecursively(this.directory.resolve("data"));
		try (Application app = new Application(this.directory)) {
			assertThat(app.query("SELECT count(*) FROM t")).isEqualTo(5);
			app.sync();
			assertThat(app.status().txid()).isEqualTo(end.next());
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.RESTORED);
			assertThat(app.status().counters().objectBytes()).isLessThan(50_000);
			app.execute("INSERT INTO t VALUES(randomblob(10))");
			app.requireReplicaEqual();
		}
	}

	@Test
	void closesWhileACheckpointWaitsForTheWriteLock() throws Exception {
		Application app = new Application(this.directory,
				(o) -> o.checkpointInterval(Duration.ofNanos(1)).busyTimeout(Application.LONG));
		app.execute("CREATE TABLE t(a)");
		Thread closing = new Thread(app.engine::close, "closing");
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + app.path());
				Statement statement = other.createStatement()) {
			await().atMost(Application.LONG).until(() -> {
				app.execute("INSERT INTO t VALUES(1)");
				statement.execute("BEGIN IMMEDIATE");
				return waitsForTheWriteLock() || statement.execute("ROLLBACK");
			});
			closing.start();
			await().atMost(Application.LONG).until(() -> closing.getState() == Thread.State.BLOCKED);
			statement.execute("ROLLBACK");
			closing.join(Application.LONG.toMillis());
			assertThat(closing.isAlive()).as("still closing").isFalse();
		}
		app.close();
	}

	private static boolean waitsForTheWriteLock() {
		for (int look = 0; look < 100; look++) {
			if (Thread.getAllStackTraces()
				.values()
				.stream()
				.flatMap(Arrays::stream)
				.anyMatch((frame) -> frame.getMethodName().equals("underWriteLock"))) {
				return true;
			}
			LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
		}
		return false;
	}

	/** An engine that still runs may put a file there meanwhile. */
	static void deleteRecursively(Path directory) {
		await().atMost(Application.LONG).ignoreException(DirectoryNotEmptyException.class).until(() -> {
			try (var files = Files.walk(directory)) {
				for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
					Files.deleteIfExists(file);
				}
			}
			catch (UncheckedIOException ex) {
				// what was listed is gone
			}
			return Files.notExists(directory);
		});
	}

}
