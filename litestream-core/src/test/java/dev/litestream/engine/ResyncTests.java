package dev.litestream.engine;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.MismatchAction;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreOnStartup;
import dev.litestream.ResyncReason;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is shipped when the WAL cannot prove that nothing was missed: the pages that
 * differ, or nothing if the database is not the continuation of what the replica holds.
 */
class ResyncTests {

	private static final long PAGE = 4096;

	@TempDir
	Path directory;

	@Test
	@Hazard("A12")
	void onlyChangedPagesAreShippedAfterTheWalWasTruncated() throws Exception {
		rows(1000);
		whileDown("UPDATE t SET v = randomblob(3000) WHERE id % 100 = 0");
		DatabaseStatus status = resynced();
		assertThat(status.counters().lastResync()).isEqualTo(ResyncReason.WAL_RESET);
		assertThat(status.counters().objectBytes()).as("10 rows").isBetween(30_000L, 40 * PAGE);
	}

	@Test
	void onePageIsShippedIfNothingChanged() throws Exception {
		rows(100);
		whileDown("SELECT 1");
		DatabaseStatus status = resynced();
		assertThat(status.counters().lastResync()).isEqualTo(ResyncReason.WAL_RESET);
		assertThat(status.counters().objectBytes()).isLessThan(2 * PAGE);
	}

	@Test
	void hashesOfWhatIsNotYetInTheHashFileComeFromTheSpool() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			// More files than are kept in the spool until the hash file follows.
			for (int i = 0; i < 300; i++) {
				app.execute("INSERT INTO t(v) VALUES(randomblob(3000))");
				app.sync();
			}
		}
		assertThat(meta().resolve("pages")).exists();
		whileDown("UPDATE t SET v = randomblob(3000) WHERE id = 150");
		assertThat(resynced().counters().objectBytes()).isLessThan(8 * PAGE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "missing", "short", "flipped" })
	void damagedHashesAreBuiltAgainFromTheReplica(String damage) throws Exception {
		rows(400);
		awaitHashes();
		damage(meta().resolve("pages"), damage, new Random(7));
		whileDown("UPDATE t SET v = randomblob(3000) WHERE id = 200");
		assertThat(resynced().counters().objectBytes()).isLessThan(20 * PAGE);
	}

	@Test
	@Hazard("C1")
	void lostSpoolAndLostWalAreMadeUpForByTheReplica() throws Exception {
		rows(400);
		whileDown("UPDATE t SET v = randomblob(3000) WHERE id = 200");
		ReplicationTests.deleteRecursively(meta().resolve("ltx"));
		DatabaseStatus status = resynced();
		assertThat(status.counters().lastResync()).isEqualTo(ResyncReason.LOCAL_STATE_LOST);
		assertThat(status.counters().objectBytes()).isLessThan(8 * PAGE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "VACUUM", "DELETE FROM t WHERE id > 3", "DROP TABLE t", "UPDATE t SET v = 1",
			"PRAGMA page_size=8192", "PRAGMA journal_mode=DELETE" })
	void whateverHappensToTheSameFileIsItsContinuation(String change) throws Exception {
		rows(300);
		whileDown(change, "PRAGMA journal_mode=DELETE", "VACUUM", "PRAGMA journal_mode=WAL");
		DatabaseStatus status = resynced();
		assertThat(status.state()).isEqualTo(ReplicationState.REPLICATING);
		assertThat(status.counters().resyncs()).isEqualTo(1);
	}

	/** Nobody can have put another file there: it was held since the restore. */
	@Test
	void restoredDatabaseMayShrinkBeforeItIsReplicated() throws Exception {
		rows(400);
		for (String name : List.of("app.db", "app.db-wal", "app.db-shm")) {
			Files.deleteIfExists(data().resolve(name));
		}
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(data().resolve("app.db")).build(),
					new FileReplicaClient(this.directory.resolve("replica")))
			.build()) {
			assertThat(engine.restore()).hasSize(1);
			whileDown("UPDATE t SET v = randomblob(3000)", "DELETE FROM t WHERE id < 300", "VACUUM");
			engine.start();
			assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			assertThat(engine.databases().get(0).status().counters().lastResync()).isEqualTo(ResyncReason.RESTORED);
		}
		try (Application app = new Application(this.directory)) {
			app.requireReplicaEqual();
		}
	}

	@Test
	@Hazard("C10")
	void movedFileIsItsContinuation() throws Exception {
		rows(100);
		whileDown("SELECT 1");
		Path path = data().resolve("app.db");
		Files.move(path, data().resolve("old.db"));
		copyByChild(data().resolve("old.db"), path);
		assertThat(resynced().counters().lastResync()).isEqualTo(ResyncReason.DATABASE_REPLACED);
	}

	@Test
	@Hazard("C10")
	void movedFileThatWasWrittenToIsItsContinuation() throws Exception {
		rows(100);
		whileDown("UPDATE t SET v = randomblob(3000) WHERE id < 30");
		Path path = data().resolve("app.db");
		Files.move(path, data().resolve("old.db"));
		copyByChild(data().resolve("old.db"), path);
		assertThat(resynced().counters().lastResync()).isEqualTo(ResyncReason.DATABASE_REPLACED);
	}

	/** As after a power loss that took the WAL with it, whose end is not known. */
	@Test
	@Hazard("C4")
	void directoryOfWhichNothingIsRememberedIsNoReasonToRefuse() throws Exception {
		rows(100);
		whileDown("UPDATE t SET v = randomblob(3000) WHERE id < 30");
		ReplicationTests.deleteRecursively(meta());
		assertThat(resynced().counters().lastResync()).isEqualTo(ResyncReason.LOCAL_STATE_LOST);
	}

	/** Every page of it may change by one commit, and nothing is remembered. */
	@Test
	@Hazard("C4")
	void tinyDatabaseRestoredByAnotherProgramIsTakenForTheContinuation() throws Exception {
		tiny();
		restoreByTheOriginal();
		whileDown("PRAGMA journal_mode=WAL", "INSERT INTO t(v) VALUES('after the restore')");
		assertThat(resynced().counters().lastResync()).isEqualTo(ResyncReason.LOCAL_STATE_LOST);
	}

	@Test
	@Hazard("C4")
	void tinyEmptyDatabaseIsRefused() throws Exception {
		tiny();
		ReplicationTests.deleteRecursively(data());
		whileDown("PRAGMA journal_mode=WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		requireRefusal("the continuation of what the replica holds");
	}

	/**
	 * The machine was started anew since: of the WAL and the newest spool nothing is
	 * left.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "rebooted", "not rebooted" })
	@Hazard("C4")
	void olderStateOfTheSameFileIsTakenAfterAPowerLossOnly(String boot) throws Exception {
		rows(100);
		whileDown("SELECT 1");
		Path older = this.directory.resolve("older.db");
		copyByChild(data().resolve("app.db"), older);
		try (Application app = new Application(this.directory)) {
			app.execute("UPDATE t SET v = randomblob(3000) WHERE id < 10", "CREATE INDEX newer ON t(id)");
			app.sync();
		}
		// The same file, as the last checkpoint before had left it.
		whileDown("SELECT 1");
		ChildProcess.output(Application.LONG, List.of("cp", older.toString(), data().resolve("app.db").toString()));
		if (boot.equals("not rebooted")) {
			requireRefusal("older copy");
			return;
		}
		ReplicationTests.deleteRecursively(meta().resolve("ltx"));
		Path identity = meta().resolve("identity");
		Files.writeString(identity, Files.readString(identity).replaceAll("boot=.*", "boot=another"));
		assertThat(resynced().counters().resyncs()).isEqualTo(1);
	}

	@Test
	@Hazard("C4")
	void fileOfAnotherApplicationIsRefused() throws Exception {
		rows(100);
		whileDown("SELECT 1");
		Path path = data().resolve("app.db");
		Path other = this.directory.resolve("other.db");
		copyByChild(path, other);
		Files.delete(path);
		copyByChild(other, path);
		whileDown("PRAGMA application_id=4711", "UPDATE t SET v = randomblob(3000) WHERE id < 30",
				"CREATE INDEX other ON t(id)");
		requireRefusal("its application_id is 4711, but 0 in the replica");
	}

	/**
	 * What is known of the replica that was restored from says nothing of another one.
	 */
	@Test
	@Hazard("C4")
	void hashesOfARestoreAreNotTakenForThoseOfAnotherReplica() throws Exception {
		rows(20);
		Path other = this.directory.resolve("other");
		try (Application app = new Application(other)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)",
					"INSERT INTO t(v) SELECT randomblob(3000) FROM json_each('[1" + ",1".repeat(19) + "]')");
			app.sync();
		}
		ReplicationTests.deleteRecursively(data());
		DatabaseOptions options = DatabaseOptions.of(data().resolve("app.db")).build();
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(options, new FileReplicaClient(this.directory.resolve("replica")))
			.build()) {
			assertThat(engine.restore()).hasSize(1);
		}
		try (Application app = new Application(this.directory, new FileReplicaClient(other.resolve("replica")),
				(o) -> o.onMismatch(MismatchAction.RESYNC))) {
			app.sync();
			Application.requireEqual(this.directory, other.resolve("replica"), app.connection);
		}
	}

	@Test
	@Hazard("C4")
	void sameFileMayGetAnApplicationId() throws Exception {
		rows(100);
		whileDown("PRAGMA application_id=4711");
		assertThat(resynced().counters().lastResync()).isEqualTo(ResyncReason.WAL_RESET);
	}

	@Test
	@Hazard("C4")
	void emptyDatabaseThatWasCreatedBeforeTheRestoreIsRefused() throws Exception {
		rows(100);
		ReplicationTests.deleteRecursively(data());
		whileDown("PRAGMA journal_mode=WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		requireRefusal("created before it could be restored");
		ReplicationTests.deleteRecursively(data());
		try (Application app = new Application(this.directory)) {
			assertThat(app.query("SELECT count(*) FROM t")).as("restored, as the sentence says").isEqualTo(100);
		}
	}

	@Test
	@Hazard("C4")
	void databaseThatWasCreatedAnewInTheSameFileIsRefused() throws Exception {
		rows(100);
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE a(v)", "CREATE TABLE b(v)");
			app.sync();
		}
		whileDown("SELECT 1");
		try (RandomAccessFile file = new RandomAccessFile(data().resolve("app.db").toFile(), "rw")) {
			file.setLength(0);
		}
		whileDown("PRAGMA journal_mode=WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		requireRefusal("created anew");
	}

	@Test
	@Hazard("C4")
	void olderCopyOfTheFileIsRefusedUnlessWanted() throws Exception {
		rows(100);
		whileDown("SELECT 1");
		Path older = this.directory.resolve("older.db");
		copyByChild(data().resolve("app.db"), older);
		try (Application app = new Application(this.directory)) {
			app.execute("UPDATE t SET v = 'newer' WHERE id < 50", "CREATE INDEX newer ON t(id)");
			app.sync();
		}
		whileDown("SELECT 1");
		Files.delete(data().resolve("app.db"));
		copyByChild(older, data().resolve("app.db"));
		requireRefusal("the continuation of what the replica holds");
		try (Application app = resyncing()) {
			app.requireReplicaEqual();
			assertThat(app.query("SELECT count(*) FROM t WHERE v = 'newer'")).isZero();
		}
	}

	@Test
	@Hazard("C4")
	void spoolAndDatabaseOfAnotherReplicaAreRefused() throws Exception {
		rows(100);
		Path other = this.directory.resolve("other");
		try (Application app = new Application(other)) {
			app.execute("CREATE TABLE foreigner(v)");
			for (int i = 0; i < 110; i++) {
				app.execute("INSERT INTO foreigner VALUES(randomblob(3000))");
				app.sync();
			}
		}
		ReplicationTests.deleteRecursively(data());
		copyByChild(other.resolve("data"), data());
		requireRefusal("is not");
	}

	@Test
	@Hazard("C4")
	void databaseRestoredWhileAnotherApplicationWentOnIsRefused() throws Exception {
		rows(10);
		Path second = this.directory.resolve("second");
		try (Application running = new Application(this.directory)) {
			FileReplicaClient client = new FileReplicaClient(this.directory.resolve("replica"));
			LitestreamEngine engine = LitestreamEngine.builder()
				.database(DatabaseOptions.of(second.resolve("data/app.db")).build(), client)
				.build();
			assertThat(engine.restore()).hasSize(1);
			running.execute("INSERT INTO t(v) VALUES('after the restore')");
			running.sync();
			engine.start();
			await().atMost(Application.LONG)
				.until(() -> engine.databases().get(0).status().state() == ReplicationState.FAILED);
			assertThat(engine.databases().get(0).status().lastError()).contains("another application replicates there");
			engine.close();
			running.execute("INSERT INTO t(v) VALUES('not disturbed')");
			running.requireReplicaEqual();
		}
	}

	@Test
	@Hazard("C5")
	void replicaEmptiedWhileRunningIsNoticedAndFilledAgain() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
			ReplicationTests.deleteRecursively(app.replica().resolve("ltx/0"));
			await().atMost(Application.LONG).ignoreExceptions().untilAsserted(() -> {
				app.execute("INSERT INTO t VALUES('goes on')");
				app.requireReplicaEqual();
			});
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.REPLICA_BEHIND);
			assertThat(app.status().state()).isEqualTo(ReplicationState.REPLICATING);
		}
	}

	/** Only the place is another one: nothing was emptied. */
	@Test
	void anotherEmptyReplicaIsNotCalledEmptied() throws Exception {
		rows(20);
		try (Application app = new Application(this.directory)) {
			app.execute("UPDATE t SET v = 'later' WHERE id = 1");
			app.sync();
		}
		Path elsewhere = this.directory.resolve("elsewhere");
		try (Application app = new Application(this.directory, new FileReplicaClient(elsewhere), (o) -> {
		})) {
			app.sync();
			Application.requireEqual(this.directory, elsewhere, app.connection);
			assertThat(app.status().counters().resyncsByReason()).containsOnlyKeys(ResyncReason.FIRST_SYNC);
		}
	}

	/**
	 * Anything happens to the database, the WAL, the spool and the hashes while the
	 * application is down: the replica equals the database afterwards.
	 */
	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void whateverIsDamagedWhileDownTheReplicaEqualsTheDatabaseAfterwards(long seed) throws Exception {
		Random random = new Random(seed);
		rows(50 + random.nextInt(200));
		for (int round = 0; round < 4; round++) {
			List<String> changes = List.of("UPDATE t SET v = randomblob(2000) WHERE id % 7 = " + random.nextInt(7),
					"INSERT INTO t(v) SELECT randomblob(9000) FROM t LIMIT 20",
					"DELETE FROM t WHERE id % 3 = " + random.nextInt(3), "VACUUM", "SELECT 1");
			if (random.nextInt(4) > 0) {
				whileDown(changes.get(random.nextInt(changes.size())), changes.get(random.nextInt(changes.size())));
			}
			Path victim = victim(random);
			if (victim != null) {
				damage(victim, List.of("missing", "short", "flipped").get(random.nextInt(3)), random);
			}
			try (Application app = resyncing()) {
				app.execute("INSERT INTO t(v) VALUES(randomblob(100))");
				app.requireReplicaEqual();
				for (int i = random.nextInt(200); i > 0; i--) {
					app.execute("INSERT INTO t(v) VALUES(randomblob(100))");
				}
				app.requireReplicaEqual();
			}
		}
	}

	private Path victim(Random random) throws Exception {
		try (Stream<Path> files = Files.walk(meta())) {
			List<Path> candidates = files.filter(Files::isRegularFile)
				.filter((file) -> !file.endsWith("lock"))
				.sorted()
				.toList();
			return (random.nextInt(4) > 0) ? candidates.get(random.nextInt(candidates.size())) : null;
		}
	}

	/** A replicated database with so many rows of most of a page each. */
	private void rows(int count) throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)",
					"INSERT INTO t(v) SELECT randomblob(3000) FROM json_each('[1" + ",1".repeat(count - 1) + "]')");
			app.sync();
		}
	}

	/** A replicated database of two pages. */
	private void tiny() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)", "INSERT INTO t(v) VALUES('first')");
			app.sync();
		}
	}

	private void restoreByTheOriginal() throws Exception {
		ReplicationTests.deleteRecursively(data());
		Files.createDirectories(data());
		Oracle.restore("file://" + this.directory.resolve("replica"), data().resolve("app.db"));
	}

	/** Ends with the WAL checkpointed and deleted, as an sqlite3 shell does. */
	private void whileDown(String... statements) throws Exception {
		Files.createDirectories(data());
		try (Connection shell = DriverManager.getConnection("jdbc:sqlite:" + data().resolve("app.db"))) {
			for (String statement : statements) {
				Application.execute(shell, statement);
			}
		}
		assertThat(data().resolve("app.db-wal")).doesNotExist();
	}

	/** Starts, and compares the replica as the original restores it. */
	private DatabaseStatus resynced() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.sync();
			DatabaseStatus status = app.status();
			app.requireReplicaEqual();
			app.execute("CREATE TABLE goes_on(v)");
			app.requireReplicaEqual();
			return status;
		}
	}

	private Application resyncing() throws Exception {
		return new Application(this.directory, (o) -> o.onMismatch(MismatchAction.RESYNC));
	}

	/** A restart alone does not change anything. */
	private void requireRefusal(String why) throws Exception {
		requireRefusalOnce(why);
		requireRefusalOnce(why);
	}

	private void requireRefusalOnce(String why) throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.restoreOnStartup(RestoreOnStartup.NEVER))) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains(why)
				.contains("Either restore")
				.contains("replica.on-mismatch=resync");
			assertThat(app.status().counters().objects()).as("nothing is shipped").isZero();
		}
	}

	/** Until the hash file has been written for the first time. */
	private void awaitHashes() throws Exception {
		if (!Files.exists(meta().resolve("pages"))) {
			whileDown("SELECT 1");
			try (Application app = new Application(this.directory)) {
				app.sync();
			}
		}
		assertThat(meta().resolve("pages")).exists();
	}

	private static void damage(Path file, String damage, Random random) throws Exception {
		try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
			long length = bytes.length();
			if (damage.equals("short") && length > 0) {
				bytes.setLength(random.nextLong(length));
			}
			else if (length > 0) {
				bytes.seek(random.nextLong(Math.min(length, 700)));
				bytes.write(random.nextInt(256));
			}
		}
		if (damage.equals("missing")) {
			Files.delete(file);
		}
	}

	private Path data() {
		return this.directory.resolve("data");
	}

	private Path meta() {
		return data().resolve(".app.db-litestream");
	}

	/** A child process may read the files of a live database; this JVM may not. */
	private static void copyByChild(Path from, Path to) throws Exception {
		ChildProcess.output(Application.LONG, List.of("cp", "-a", from.toString(), to.toString()));
	}

}
