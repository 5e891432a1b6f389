package dev.litestream.engine;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.MismatchAction;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * What is lost, replaced or forged between the database, the spool and the replica: the
 * history goes on with what is proved, and never silently.
 */
class PositionHazardTests {

	@TempDir
	Path directory;

	@Test
	@Hazard("C1")
	void lostSpoolIsFoundAgainInTheReplica() throws Exception {
		Txid end = first();
		ReplicationTests.deleteRecursively(meta());
		try (Application app = new Application(this.directory)) {
			app.execute("INSERT INTO t VALUES('after')");
			app.requireReplicaEqual();
			assertThat(app.status().txid()).isGreaterThan(end);
			assertThat(app.status().counters().resyncs()).as("the WAL proves that nothing is missing").isZero();
		}
	}

	/** One file more may have been on its way when we ended; two may not. */
	@ParameterizedTest
	@CsvSource({ "1, the continuation of what the replica holds", "2, put back from an older copy" })
	@Hazard("C1")
	void directoryPutBackFromAnOlderCopyIsRefusedUnlessWanted(int files, String why) throws Exception {
		first();
		Path old = this.directory.resolve("old");
		copyByChild(this.directory.resolve("data"), old);
		Txid end;
		try (Application app = new Application(this.directory)) {
			for (int i = 0; i < files; i++) {
				app.execute("INSERT INTO t VALUES('only in the replica')");
				app.sync();
			}
			end = app.status().replicatedTxid();
		}
		ReplicationTests.deleteRecursively(this.directory.resolve("data"));
		copyByChild(old, this.directory.resolve("data"));
		requireRefusal(why);
		try (Application app = resyncing()) {
			app.execute("INSERT INTO t VALUES('after')");
			app.requireReplicaEqual();
			assertThat(app.status().txid()).isGreaterThan(end);
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.DATABASE_REPLACED);
		}
	}

	/** What is not forced to disk once the replica has it may go with the power. */
	@Test
	@Hazard("C1")
	void commitsAndSpoolLostWithThePowerAreNoReasonToRefuse() throws Exception {
		Path data = this.directory.resolve("data");
		Path old = this.directory.resolve("old");
		Application app = new Application(this.directory, (o) -> o.checkpointInterval(Duration.ZERO));
		try {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(3000))");
			app.sync();
			copyByChild(data, old);
			for (int i = 0; i < 5; i++) {
				app.execute("INSERT INTO t VALUES(randomblob(3000))", "CREATE TABLE t" + i + "(v)");
				app.sync();
			}
		}
		finally {
			app.close(false);
		}
		// The files are the same ones, as they were before.
		for (String name : List.of("app.db", "app.db-wal")) {
			Path now = data.resolve(name);
			if (!Files.exists(now)) {
				Files.createFile(now);
			}
			ChildProcess.output(Application.LONG, List.of("cp", old.resolve(name).toString(), now.toString()));
		}
		Files.deleteIfExists(data.resolve("app.db-shm"));
		Path spool = Path.of(".app.db-litestream/ltx/0");
		try (Stream<Path> files = Files.list(data.resolve(spool))) {
			for (Path file : files.toList()) {
				if (!Files.exists(old.resolve(spool).resolve(file.getFileName()))) {
					Files.delete(file);
				}
			}
		}
		Path identity = Path.of(".app.db-litestream/identity");
		Files.writeString(data.resolve(identity),
				Files.readString(old.resolve(identity)).replaceAll("boot=.*", "boot=another"));
		try (Application restarted = new Application(this.directory)) {
			restarted.requireReplicaEqual();
			assertThat(restarted.status().counters().lastResync()).isEqualTo(ResyncReason.FRAME_MISMATCH);
		}
		try (Application again = new Application(this.directory)) {
			again.requireReplicaEqual();
			assertThat(again.status().counters().resyncs()).as("nothing was committed since").isZero();
		}
	}

	@Test
	@Hazard("C1")
	@Hazard("C10")
	@Hazard("C4")
	void databaseReplacedWhileDownIsRefusedUnlessWanted() throws Exception {
		Txid end = first();
		Path data = this.directory.resolve("data");
		for (String name : List.of("app.db", "app.db-wal", "app.db-shm")) {
			Files.deleteIfExists(data.resolve(name));
		}
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("app.db"))) {
			Application.execute(other, "PRAGMA journal_mode=WAL", "CREATE TABLE other(v)",
					"INSERT INTO other VALUES(randomblob(50000))");
		}
		requireRefusal("the continuation of what the replica holds");
		try (Application app = resyncing()) {
			app.requireReplicaEqual();
			assertThat(app.status().txid()).isGreaterThan(end);
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.DATABASE_REPLACED);
		}
	}

	@Test
	@Hazard("C10")
	void databaseReplacedWhileRunningStopsReplicationWithAReason() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
			Txid end = app.status().txid();
			Path away = this.directory.resolve("away");
			Files.createDirectories(away);
			for (String name : List.of("app.db", "app.db-wal", "app.db-shm")) {
				Files.move(app.path().resolveSibling(name), away.resolve(name));
			}
			try (ForeignProcess foreign = ForeignProcess.on(app.path())) {
				foreign.execute("PRAGMA journal_mode=WAL");
				foreign.execute("CREATE TABLE impostor(v)");
				assertThat(catchThrowable(app::sync)).hasMessageContaining("moved or replaced");
				await().atMost(Application.LONG).until(() -> app.status().lastError() != null);
				assertThat(app.status().lastError()).contains("moved or replaced");
				assertThat(app.status().state()).isNotEqualTo(ReplicationState.REPLICATING);
				assertThat(app.status().txid()).isEqualTo(end);
			}
		}
	}

	@ParameterizedTest
	@Hazard("C3")
	@Hazard("C9")
	@ValueSource(strings = { "other content, other size", "mine" })
	void secondWriterOnTheReplicaStopsReplicationForGood(String value) throws Exception {
		first();
		Path copy = this.directory.resolve("copy");
		Files.createDirectories(copy);
		copyByChild(this.directory.resolve("data"), copy.resolve("data"));
		try (Application app = new Application(this.directory)) {
			app.sync();
			Txid next = app.status().txid().next();
			try (Application second = new Application(copy, new FileReplicaClient(this.directory.resolve("replica")),
					(o) -> {
					})) {
				second.execute("INSERT INTO t VALUES('" + value + "')");
				second.sync();
			}
			app.execute("INSERT INTO t VALUES('ours')");
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains("Another writer");
			assertThat(app.status().replicatedTxid()).isLessThan(next);
			assertThat(app.status().inSync()).isFalse();
			assertThat(app.database().sync(Duration.ofHours(1))).as("does not wait for what will not come").isFalse();
		}
		requireRefusal("another application has replicated there");
		try (Application app = resyncing()) {
			app.execute("INSERT INTO t VALUES('after')");
			app.requireReplicaEqual();
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.DIVERGED);
		}
	}

	@ParameterizedTest
	@Hazard("C5")
	@ValueSource(ints = { 5, 300 })
	void replicaEmptiedWhileDownIsFilledAgain(int files) throws Exception {
		first(files);
		ReplicationTests.deleteRecursively(this.directory.resolve("replica"));
		try (Application app = new Application(this.directory)) {
			app.execute("INSERT INTO t VALUES('after')");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.REPLICA_EMPTIED);
		}
	}

	/** Where the spool still has all files, they are sent again. */
	@Test
	@Hazard("C5")
	void replicaEmptiedAfterACrashIsFilledAgainFromTheSpool() throws Exception {
		Path crashed = this.directory.resolve("crashed");
		Files.createDirectories(crashed);
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(3000))");
			app.sync();
			copyByChild(this.directory.resolve("data"), crashed.resolve("data"));
		}
		try (Application app = new Application(crashed)) {
			app.execute("INSERT INTO t VALUES('after')");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isZero();
		}
	}

	@Test
	@Hazard("C5")
	void replicaEmptiedWhileRunningIsFilledAgainAtTheNextStart() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
			ReplicationTests.deleteRecursively(app.replica().resolve("ltx/0"));
			app.execute("INSERT INTO t VALUES('in a chain without a beginning')");
			app.sync();
		}
		try (Application app = new Application(this.directory)) {
			app.execute("INSERT INTO t VALUES('after')");
			app.requireReplicaEqual();
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.REPLICA_BEHIND);
		}
	}

	@ParameterizedTest
	@Hazard("C6")
	@ValueSource(strings = { "empty", "short", "flipped" })
	void damagedNewestFileOfTheSpoolIsNotTrusted(String damage) throws Exception {
		first();
		List<Path> files = spool();
		damage(files.get(files.size() - 1), damage);
		try (Application app = new Application(this.directory)) {
			app.execute("INSERT INTO t VALUES('after')");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).as("the replica's file proves continuity").isZero();
		}
	}

	@ParameterizedTest
	@Hazard("C6")
	@ValueSource(strings = { "empty", "short", "flipped" })
	void damagedFileThatWaitsForTheReplicaIsNotShipped(String damage) throws Exception {
		first();
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		Path damaged;
		try (Application app = new Application(this.directory, replica,
				(o) -> o.shutdownSyncTimeout(Duration.ofMillis(10)))) {
			await().atMost(Application.LONG).until(() -> app.status().lastError() != null);
			Txid start = app.status().txid();
			for (int i = 1; i <= 3; i++) {
				int files = spool().size();
				app.execute("INSERT INTO t VALUES('waits')");
				await().atMost(Application.LONG).until(() -> spool().size() > files);
			}
			damaged = app.spool()
				.resolve(String.format(Locale.ROOT, "%s-%s.ltx", start.next().next(), start.next().next()));
		}
		damage(damaged, damage);
		try (Application app = new Application(this.directory)) {
			app.execute("INSERT INTO t VALUES('after')");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("G5")
	void filesThatWaitForTheReplicaAreSentAfterARestart() throws Exception {
		first();
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application app = new Application(this.directory, replica,
				(o) -> o.shutdownSyncTimeout(Duration.ofMillis(10)))) {
			for (int i = 1; i <= 3; i++) {
				int files = spool().size();
				app.execute("INSERT INTO t VALUES('waits')");
				await().atMost(Application.LONG).until(() -> spool().size() > files);
			}
		}
		try (Application app = new Application(this.directory)) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isZero();
		}
	}

	@Test
	@Hazard("G5")
	@Hazard("A6")
	void stateOfAnyMomentGoesOnAsAfterACrash() throws Exception {
		Path live = this.directory.resolve("live");
		Files.createDirectories(live);
		try (ChildProcess process = ChildProcess.start(this.directory.resolve("log"),
				ForeignProcess.command(List.of("-Xmx64m"), ForeignApplication.class, live.toString()))) {
			int proved = 0;
			for (int round = 0; round < 6; round++) {
				long files = (round == 0) ? 0 : files(live);
				await().atMost(Application.LONG).until(() -> files(live) > files + 5);
				// All its threads stopped at once: what is on disk is what kill -9
				// leaves.
				process.pause();
				Path copy = this.directory.resolve("crash-" + round);
				copyByChild(live, copy);
				process.resume();
				try (Application crashed = new Application(copy)) {
					crashed.execute("INSERT INTO t(v) VALUES(randomblob(100))");
					crashed.requireReplicaEqual();
					assertThat(
							crashed.query("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"))
						.isEqualTo(1);
					if (crashed.status().counters().resyncs() == 0) {
						proved++;
					}
					else {
						// Between a restart of the WAL and the first sync after it
						// nothing can
						// be proved: whoever came in between may have restarted it, too.
						assertThat(crashed.status().counters().lastResync()).isEqualTo(ResyncReason.WAL_RESET);
					}
				}
				ReplicationTests.deleteRecursively(copy);
			}
			assertThat(proved).as("crashes after which the WAL proved continuity").isPositive();
		}
	}

	@Test
	@Hazard("A20")
	void secondEngineOnTheSameDatabaseIsRefused() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			for (int attempt = 0; attempt < 2; attempt++) {
				LitestreamEngine second = LitestreamEngine.builder()
					.database(DatabaseOptions.of(app.path()).build(),
							new FileReplicaClient(this.directory.resolve("other")))
					.build();
				assertThat(catchThrowable(second::start)).hasMessageContaining("Another replicator already works");
				second.close();
				// The refusal may not have dropped the lock of the first one.
				assertThat(ChildProcess.output(Application.LONG,
						ForeignProcess.command(List.of(), ForeignEngine.class, app.path().toString(),
								this.directory.resolve("other").toString())))
					.contains("Another replicator already works");
			}
			app.requireReplicaEqual();
		}
		assertThat(ChildProcess.output(Application.LONG, ForeignProcess.command(List.of(), ForeignEngine.class,
				this.directory.resolve("data/app.db").toString(), this.directory.resolve("other").toString())))
			.contains("synced true");
	}

	/** An application that goes on from its database whatever the replica holds. */
	private Application resyncing() throws Exception {
		return new Application(this.directory, (o) -> o.onMismatch(MismatchAction.RESYNC));
	}

	/** Starts, finds replication refused with both remedies, and ends; twice. */
	private void requireRefusal(String why) throws Exception {
		requireRefusalOnce(why);
		requireRefusalOnce(why);
	}

	private void requireRefusalOnce(String why) throws Exception {
		try (Application app = new Application(this.directory)) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains(why)
				.contains("Either restore")
				.contains("replica.on-mismatch=resync");
			assertThat(app.status().counters().objects()).as("nothing is shipped").isZero();
			assertThat(app.database().sync(Duration.ofHours(1))).as("does not wait for what will not come").isFalse();
		}
	}

	private Txid first() throws Exception {
		return first(5);
	}

	private Txid first(int syncs) throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			for (int i = 0; i < syncs; i++) {
				app.execute("INSERT INTO t VALUES(randomblob(3000))");
				app.sync();
			}
			return app.status().replicatedTxid();
		}
	}

	private static long files(Path directory) throws Exception {
		Path level = directory.resolve("replica/ltx/0");
		if (!Files.isDirectory(level)) {
			return 0;
		}
		try (var files = Files.list(level)) {
			return files.count();
		}
	}

	private static void damage(Path file, String damage) throws Exception {
		try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
			switch (damage) {
				case "empty" -> bytes.setLength(0);
				case "short" -> bytes.setLength(bytes.length() - 20);
				default -> {
					bytes.seek(150);
					int b = bytes.read();
					bytes.seek(150);
					bytes.write(b ^ 1);
				}
			}
		}
	}

	private Path meta() {
		return this.directory.resolve("data/.app.db-litestream");
	}

	private List<Path> spool() throws Exception {
		try (var files = Files.list(meta().resolve("ltx/0"))) {
			return files.filter((file) -> file.toString().endsWith(".ltx")).sorted().toList();
		}
	}

	/** A child process may read the files of a live database; this JVM may not. */
	private static void copyByChild(Path from, Path to) throws Exception {
		ChildProcess.output(Application.LONG, List.of("cp", "-a", from.toString(), to.toString()));
	}

}
