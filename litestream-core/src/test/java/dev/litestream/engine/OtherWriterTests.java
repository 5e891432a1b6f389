package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.MismatchAction;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreOnStartup;
import dev.litestream.ResyncReason;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A machine fails, another one restores the database and goes on, and the first one comes
 * back with its old disk: it may not undo what the other one has written. A machine that
 * comes back alone goes on by itself.
 */
class OtherWriterTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 20 })
	@Hazard("C4")
	void machineThatComesBackIsRefusedUnlessWanted(int files) throws Exception {
		rows();
		otherWriter(files);
		reboot();
		requireRefusal("another application replicates there");
		requireRefusal("another application replicates there");
		try (Application app = resyncing()) {
			app.requireReplicaEqual();
			app.execute("UPDATE t SET v = randomblob(3000) WHERE id = 60");
			app.requireReplicaEqual();
		}
	}

	/** Nothing but the file and its WAL is left to tell. */
	@Test
	@Hazard("C4")
	void machineThatComesBackWithoutItsSpoolIsRefusedUnlessWanted() throws Exception {
		rows();
		otherWriter(3);
		reboot();
		ReplicationTests.deleteRecursively(meta().resolve("ltx"));
		requireRefusal("older copy");
		requireRefusal("older copy");
		try (Application app = resyncing()) {
			app.requireReplicaEqual();
		}
	}

	/** Here a page is as it was before, and the other one has changed it. */
	@ParameterizedTest
	@ValueSource(ints = { 1, 4, 5 })
	@Hazard("C9")
	void whatWaitedHereIsNotTakenForWhatTheOtherOneHasWritten(int waiting) throws Exception {
		rows();
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application app = new Application(this.directory, replica,
				(o) -> o.shutdownSyncTimeout(Duration.ofMillis(10)))) {
			for (int i = 1; i <= waiting; i++) {
				long files = files();
				app.execute("UPDATE t SET v = randomblob(3000) WHERE id = " + i);
				await().atMost(Application.LONG).until(() -> files() > files);
			}
		}
		otherWriter(5);
		reboot();
		requireRefusal("another application");
		try (Application app = resyncing()) {
			app.requireReplicaEqual();
			app.execute("UPDATE t SET v = randomblob(3000) WHERE id = 60");
			app.requireReplicaEqual();
		}
	}

	/** The power took commits, files of the spool and restarts of the WAL. */
	@Test
	@Hazard("C1")
	void powerLossOnTheOnlyMachineIsNoReasonToRefuse() throws Exception {
		rows();
		Path old = this.directory.resolve("old");
		Application app = new Application(this.directory, (o) -> o.checkpointInterval(Duration.ZERO));
		try {
			app.execute("INSERT INTO t(v) VALUES('before')");
			app.sync();
			copyByChild(data(), old);
			for (int i = 0; i < 4; i++) {
				app.execute("PRAGMA wal_checkpoint(PASSIVE)", "UPDATE t SET v = 'lost' WHERE id = " + i,
						"CREATE TABLE lost" + i + "(v)");
				app.sync();
			}
		}
		finally {
			app.close(false);
		}
		putBack(old);
		reboot();
		try (Application restarted = new Application(this.directory)) {
			restarted.requireReplicaEqual();
			assertThat(restarted.status().counters().resyncs()).isEqualTo(1);
			assertThat(restarted.query("SELECT count(*) FROM t WHERE v = 'lost'")).isZero();
		}
	}

	/**
	 * The power took commits that the replica has, and the machine is back before the
	 * replica: it goes on by itself, whether it comes less far, as far or further.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 1, 3, 6 })
	@Hazard("C1")
	void powerLossBeforeTheReplicaIsBackIsNoReasonToRefuse(int commits) throws Exception {
		rows();
		Path old = this.directory.resolve("old");
		Application app = new Application(this.directory, (o) -> o.checkpointInterval(Duration.ZERO));
		try {
			app.execute("INSERT INTO t(v) VALUES('before')");
			app.sync();
			copyByChild(data(), old);
			for (int i = 0; i < 3; i++) {
				app.execute("UPDATE t SET v = 'lost' WHERE id = " + i);
				app.sync();
			}
		}
		finally {
			app.close(false);
		}
		putBack(old);
		reboot();
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application restarted = new Application(this.directory, replica, (o) -> {
		})) {
			spool(restarted, commits);
			replica.unshut();
			restarted.requireReplicaEqual();
			assertThat(restarted.status().counters().resyncs()).isEqualTo(1);
			assertThat(restarted.query("SELECT count(*) FROM t WHERE v = 'lost'")).isZero();
			assertThat(restarted.query("SELECT count(*) FROM t WHERE v = 'offline'")).isEqualTo(commits);
		}
	}

	/** What the spool has lost may not be taken for what the other one has written. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Hazard("C9")
	void spoolThatLacksWhatTheOtherOneHasWrittenProvesNothing(boolean resync) throws Exception {
		rows();
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application app = new Application(this.directory, replica,
				(o) -> o.shutdownSyncTimeout(Duration.ofMillis(10))
					.onMismatch(resync ? MismatchAction.RESYNC : MismatchAction.FAIL))) {
			spool(app, 3);
			otherWriter(1);
			Path taken = newest(this.directory.resolve("replica/ltx/0"));
			Files.delete(meta().resolve("ltx/0").resolve(taken.getFileName()));
			replica.unshut();
			if (resync) {
				app.requireReplicaEqual();
				app.execute("UPDATE t SET v = randomblob(3000) WHERE id = 60");
				app.requireReplicaEqual();
			}
			else {
				assertThat(app.database().sync(Application.LONG)).isFalse();
				assertThat(app.status().state()).isEqualTo(ReplicationState.FAILED);
				assertThat(app.status().lastError()).contains("another application");
			}
		}
	}

	/** Each commit gets a file of its own, in the spool. */
	private void spool(Application app, int commits) throws Exception {
		for (int i = 1; i <= commits; i++) {
			long files = files();
			app.execute("UPDATE t SET v = 'offline' WHERE id = " + (10 + i));
			await().atMost(Application.LONG).until(() -> files() > files);
		}
	}

	private static Path newest(Path directory) throws Exception {
		try (var files = Files.list(directory)) {
			return files.max(Comparator.naturalOrder()).orElseThrow();
		}
	}

	/** Only then is the next start one without a reboot in between. */
	@Test
	@Hazard("C4")
	void startWithoutTheReplicaIsOneSinceTheReboot() throws Exception {
		rows();
		reboot();
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application app = new Application(this.directory, replica, (o) -> {
		})) {
			long files = files();
			app.execute("UPDATE t SET v = randomblob(3000) WHERE id = 1");
			await().atMost(Application.LONG).until(() -> files() > files);
			replica.unshut();
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isZero();
		}
		assertThat(meta().resolve("identity")).content().doesNotContain("boot=another");
	}

	/** The file system gives another file the inode of the one that was restored. */
	@ParameterizedTest
	@ValueSource(strings = { "older copy", "created anew", "created anew by a newer release" })
	@Hazard("C4")
	void otherFileInTheInodeOfTheRestoredOneIsRefused(String other) throws Exception {
		rows();
		Path older = this.directory.resolve("older.db");
		shell(data().resolve("app.db"), "SELECT 1");
		copyByChild(data().resolve("app.db"), older);
		try (Application app = new Application(this.directory)) {
			app.execute("UPDATE t SET v = 'newer' WHERE id < 50", "CREATE INDEX newer ON t(id)");
			app.sync();
		}
		ReplicationTests.deleteRecursively(data());
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(data().resolve("app.db")).build(),
					new FileReplicaClient(this.directory.resolve("replica")))
			.build()) {
			assertThat(engine.restore()).hasSize(1);
		}
		if (!other.equals("older copy")) {
			Files.delete(older);
			shell(older, "PRAGMA journal_mode=WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			for (int i = 0; other.endsWith("newer release") && i < 9; i++) {
				shell(older, "CREATE TABLE newer" + i + "(v)");
			}
		}
		ChildProcess.output(Application.LONG, List.of("cp", older.toString(), data().resolve("app.db").toString()));
		String why = other.endsWith("newer release") ? "far smaller" : "older copy";
		requireRefusal(why);
		requireRefusal(why);
		try (Application app = resyncing()) {
			app.requireReplicaEqual();
		}
	}

	@Test
	@Hazard("C4")
	void restoredDatabaseMayBeWrittenToBeforeItIsReplicated() throws Exception {
		rows();
		ReplicationTests.deleteRecursively(data());
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(data().resolve("app.db")).build(),
					new FileReplicaClient(this.directory.resolve("replica")))
			.build()) {
			assertThat(engine.restore()).hasSize(1);
		}
		shell(data().resolve("app.db"), "UPDATE t SET v = randomblob(3100)", "CREATE TABLE migrated(v)");
		try (Application app = new Application(this.directory)) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.RESTORED);
		}
	}

	private void rows() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)",
					"INSERT INTO t(v) SELECT randomblob(3000) FROM json_each('[1" + ",1".repeat(99) + "]')");
			app.sync();
		}
	}

	/** Restores, and goes on by so many files. */
	private void otherWriter(int files) throws Exception {
		Path other = this.directory.resolve("other");
		try (Application app = new Application(other, new FileReplicaClient(this.directory.resolve("replica")), (o) -> {
		})) {
			assertThat(app.query("SELECT count(*) FROM t")).as("restored").isEqualTo(100);
			app.execute("BEGIN", "UPDATE t SET v = randomblob(3000) WHERE id = 50", "CREATE TABLE other(v)", "COMMIT");
			app.sync();
			for (int i = 1; i < files; i++) {
				app.execute("UPDATE t SET v = randomblob(3000) WHERE id = " + (80 + i % 10));
				app.sync();
			}
		}
	}

	/** The files keep their inodes. */
	private void putBack(Path old) throws Exception {
		for (String name : List.of("app.db", "app.db-wal")) {
			if (!Files.exists(data().resolve(name))) {
				Files.createFile(data().resolve(name));
			}
			ChildProcess.output(Application.LONG,
					List.of("cp", old.resolve(name).toString(), data().resolve(name).toString()));
		}
		Files.deleteIfExists(data().resolve("app.db-shm"));
		ReplicationTests.deleteRecursively(meta().resolve("ltx"));
		copyByChild(old.resolve(".app.db-litestream/ltx"), meta().resolve("ltx"));
		// A machine that has lost its power was not stopped in order.
		Path identity = meta().resolve("identity");
		Files.writeString(identity, Files.readString(identity).replaceAll("closed=.*", ""));
	}

	private void reboot() throws Exception {
		Path identity = meta().resolve("identity");
		Files.writeString(identity, Files.readString(identity).replaceAll("boot=.*", "boot=another"));
	}

	private Application resyncing() throws Exception {
		return new Application(this.directory, (o) -> o.onMismatch(MismatchAction.RESYNC));
	}

	private void requireRefusal(String why) throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.restoreOnStartup(RestoreOnStartup.NEVER))) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains(why)
				.contains("Either restore")
				.contains("replica.on-mismatch=resync");
			assertThat(app.status().counters().objects()).as("nothing is shipped").isZero();
		}
	}

	private long files() throws Exception {
		try (var files = Files.list(meta().resolve("ltx/0"))) {
			return files.filter((file) -> file.toString().endsWith(".ltx")).count();
		}
	}

	private Path data() {
		return this.directory.resolve("data");
	}

	private Path meta() {
		return data().resolve(".app.db-litestream");
	}

	/** Ends with the WAL checkpointed and deleted. */
	private static void shell(Path path, String... statements) throws Exception {
		try (Connection shell = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			Application.execute(shell, statements);
		}
		assertThat(path.resolveSibling(path.getFileName() + "-wal")).doesNotExist();
	}

	private static void copyByChild(Path from, Path to) throws Exception {
		ChildProcess.output(Application.LONG, List.of("cp", "-a", from.toString(), to.toString()));
	}

}
