package dev.litestream.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.ReplicationState;
import dev.litestream.RestoreOnStartup;
import dev.litestream.ResyncReason;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import dev.litestream.wal.WalReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application is stopped in order, and somebody works on the database file, who may
 * not know of the WAL that is left beside it.
 */
@Timeout(120)
class OverwrittenDatabaseTests {

	@TempDir
	Path directory;

	/** The copy may keep the time of the older one, or even get that of the newer one. */
	@ParameterizedTest
	@ValueSource(strings = { "cp", "cp -p" })
	@Hazard("C4")
	void olderCopyBesideTheWalIsRefused(String copy) throws Exception {
		Path yesterday = this.directory.resolve("yesterday.db");
		rows(yesterday);
		Path good = this.directory.resolve("good.db");
		shell("cp", path(), good);
		shell(copy, yesterday, path());
		requireRefusal();
		requireRefusal();
		shell("cp", good, path());
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.query("SELECT count(*) FROM t WHERE v = 'newest'")).isEqualTo(1);
			assertThat(app.status().counters().resyncsByReason()).containsOnlyKeys(ResyncReason.DATABASE_REPLACED);
		}
	}

	/** Nothing is refused without a reason. */
	@Test
	void fileThatWasOnlyTouchedIsCompared() throws Exception {
		rows(this.directory.resolve("yesterday.db"));
		Files.setLastModifiedTime(path(), FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncsByReason()).containsOnlyKeys(ResyncReason.DATABASE_REPLACED);
			assertThat(app.status().counters().objectBytes()).isLessThan(20_000);
			app.execute("INSERT INTO t(v) VALUES('after it')");
			app.sync();
		}
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncsByReason()).as("it is as it was").isEmpty();
		}
	}

	/** Without the replica nobody can tell what the file is. */
	@Test
	void olderCopyIsRefusedAlsoIfTheReplicaIsAwayAtFirst() throws Exception {
		Path yesterday = this.directory.resolve("yesterday.db");
		rows(yesterday);
		shell("cp", yesterday, path());
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application app = new Application(this.directory, replica, (o) -> {
		})) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			replica.unshut();
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().counters().objects()).isZero();
		}
	}

	/** It was stopped in order, and the spool has what the replica lacks. */
	@Test
	void olderCopyIsRefusedAlsoAfterARunWithoutTheReplica() throws Exception {
		Path yesterday = this.directory.resolve("yesterday.db");
		rows(yesterday);
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application app = new Application(this.directory, replica,
				(o) -> o.restoreOnStartup(RestoreOnStartup.NEVER).shutdownSyncTimeout(Duration.ofMillis(300)))) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			app.execute("INSERT INTO t(v) VALUES('without the replica')");
		}
		Path alone = this.directory.resolve("alone.db");
		shell("cp", path(), alone);
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + alone);
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
			assertThat(result.getInt(1)).as("the file is the whole database").isEqualTo(52);
		}
		shell("cp", yesterday, path());
		try (Application app = app()) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains("copied over since the application stopped");
		}
	}

	/**
	 * Its commits go into the copy, and the WAL no longer proves that it is beside one.
	 */
	@Test
	@Hazard("C4")
	void olderCopyIsRefusedAlsoIfTheWalRestartsBeforeTheReplicaIsBack() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			for (int i = 0; i < 50; i++) {
				app.execute("INSERT INTO t(v) VALUES(randomblob(3000))");
			}
			app.sync();
		}
		Path yesterday = this.directory.resolve("yesterday.db");
		shell("cp", path(), yesterday);
		try (Application app = app()) {
			app.execute("UPDATE t SET v = randomblob(3000)");
			app.sync();
			commitUntilTheWalIsShort(app);
		}
		shell("cp", yesterday, path());
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application app = new Application(this.directory, replica,
				(o) -> o.restoreOnStartup(RestoreOnStartup.NEVER)
					.minCheckpointPages(10)
					.checkpointInterval(Duration.ofMillis(50)))) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			int before = generation();
			await().atMost(Application.LONG).until(() -> {
				try (Connection connection = app.unprepared()) {
					Application.execute(connection, "PRAGMA wal_checkpoint(PASSIVE)",
							"UPDATE t SET v = randomblob(3000) WHERE id = 7");
				}
				return generation() != before;
			});
			replica.unshut();
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains("of them are as they were earlier");
			assertThat(app.status().counters().objects()).isZero();
		}
	}

	/**
	 * Commits that were not replicated yet are in the file when the WAL restarts, and
	 * cannot be told from a copy.
	 */
	@Test
	void walThatRestartsBeforeTheComparisonIsNoReasonToRefuse() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)",
					"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 50) "
							+ "INSERT INTO t(v) SELECT randomblob(3000) FROM c");
			app.sync();
			app.execute("UPDATE t SET v = randomblob(3000) WHERE id = 7");
			app.sync();
		}
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path());
				Connection reader = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			int before = generation();
			// Keeps the WAL from restarting before it is that time.
			Application.execute(reader, "BEGIN", "SELECT count(*) FROM t");
			Application.execute(connection, "UPDATE t SET v = randomblob(3000) WHERE id > 10");
			Application.execute(reader, "COMMIT", "PRAGMA wal_checkpoint(PASSIVE)");
			assertThat(generation()).isEqualTo(before);
			// The pages have to be read from the replica.
			Files.delete(path().resolveSibling(".app.db-litestream").resolve("pages"));
			AtomicInteger reads = new AtomicInteger();
			ReplicaClient replica = new FilterReplicaClient(new FileReplicaClient(this.directory.resolve("replica"))) {
				@Override
				public InputStream read(LtxFileInfo file) throws IOException {
					if (reads.getAndIncrement() == 0) {
						// It is decided by now, and nothing is compared yet.
						try {
							Application.execute(connection, "UPDATE t SET v = randomblob(3000) WHERE id = 7");
						}
						catch (SQLException ex) {
							throw new IOException(ex);
						}
					}
					return super.read(file);
				}
			};
			try (Application app = new Application(this.directory, replica,
					(o) -> o.restoreOnStartup(RestoreOnStartup.NEVER))) {
				app.sync();
				assertThat(reads).hasPositiveValue();
				assertThat(generation()).as("of the WAL").isNotEqualTo(before);
				app.requireReplicaEqual();
				assertThat(app.status().counters().resyncsByReason()).containsOnlyKeys(ResyncReason.DATABASE_REPLACED);
			}
		}
	}

	/** It looks as after the last checkpoint, and no stop in order has followed. */
	@Test
	void olderCopyBesideTheWalIsRefusedAlsoAfterAKill() throws Exception {
		Path yesterday = this.directory.resolve("yesterday.db");
		rows(yesterday);
		Path identity = path().resolveSibling(".app.db-litestream").resolve("identity");
		Files.writeString(identity, Files.readString(identity).replaceAll("closed=.*\n", ""));
		shell("cp", yesterday, path());
		requireRefusal();
		requireRefusal();
	}

	@Test
	void fileThatNobodyTouchedAfterAKillIsNotCompared() throws Exception {
		rows(this.directory.resolve("yesterday.db"));
		Path identity = path().resolveSibling(".app.db-litestream").resolve("identity");
		Files.writeString(identity, Files.readString(identity).replaceAll("closed=.*\n", ""));
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isZero();
		}
	}

	@Test
	void fileAloneIsTheWholeDatabaseAfterAStopInOrder() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)", "INSERT INTO t(v) VALUES('first')");
			app.sync();
			app.execute("INSERT INTO t(v) VALUES('second')");
		}
		Path alone = this.directory.resolve("alone.db");
		shell("cp", path(), alone);
		assertThat(Databases.integrity(alone)).isEqualTo("ok");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + alone);
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
			assertThat(result.getInt(1)).isEqualTo(2);
		}
		try (Application app = new Application(this.directory)) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).as("the WAL proves it still").isZero();
		}
	}

	/** What is newest is in the WAL, which holds a part of the pages only. */
	private void rows(Path yesterday) throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			for (int i = 0; i < 50; i++) {
				app.execute("INSERT INTO t(v) VALUES(randomblob(3000))");
			}
			app.sync();
			app.execute("VACUUM INTO '" + yesterday + "'");
			app.execute("UPDATE t SET v = randomblob(2900)");
			app.sync();
			commitUntilTheWalIsShort(app);
			app.execute("INSERT INTO t(v) VALUES('newest')");
			app.sync();
		}
	}

	private static void commitUntilTheWalIsShort(Application app) {
		long before = app.status().counters().checkpoints();
		await().atMost(Application.LONG).until(() -> {
			app.execute("UPDATE t SET v = randomblob(2000) WHERE id = 7");
			return app.status().counters().checkpoints() > before + 1 && app.status().counters().walSize() < 100_000;
		});
	}

	private int generation() throws IOException {
		try (WalReader wal = WalReader.open(path().resolveSibling("app.db-wal"))) {
			return (wal != null) ? wal.header().salt1() : 0;
		}
	}

	private Application app() throws Exception {
		return new Application(this.directory,
				(o) -> o.restoreOnStartup(RestoreOnStartup.NEVER)
					.minCheckpointPages(10)
					.checkpointInterval(Duration.ofMillis(50)));
	}

	private void requireRefusal() throws Exception {
		try (Application app = app()) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains("copied over since the application stopped")
				.contains("-wal")
				.contains("replica.on-mismatch=resync");
			assertThat(app.status().counters().objects()).as("nothing is shipped").isZero();
		}
	}

	private Path path() {
		return this.directory.resolve("data").resolve("app.db");
	}

	/** The file keeps its inode. */
	private static void shell(String command, Path from, Path to) throws Exception {
		ChildProcess.output(Application.LONG, List.of("sh", "-c", command + " '" + from + "' '" + to + "'"));
	}

}
