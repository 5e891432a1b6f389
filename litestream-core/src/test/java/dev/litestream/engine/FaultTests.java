package dev.litestream.engine;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.litestream.DatabaseOptions;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * What the disk, the clock, the replica and other programs do to a running application:
 * it goes on, the state says what is wrong, and afterwards nothing is missing. The lines
 * of {@code docs/faults.md} name these tests.
 */
class FaultTests {

	private static final String ROWS = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
			+ " SELECT i FROM n)";

	@TempDir
	Path directory;

	@Test
	void programThatReadsWithoutAPauseAtTheStartIsBlamed() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (ForeignProcess foreign = ForeignProcess.on(path);
				LitestreamEngine engine = LitestreamEngine.builder()
					.database(DatabaseOptions.of(path).build(),
							new FileReplicaClient(this.directory.resolve("replica")))
					.build()) {
			foreign.execute("CREATE TABLE t(v)");
			foreign.execute("BEGIN");
			foreign.execute("SELECT count(*) FROM t");
			engine.start();
			ReplicatedDatabase database = engine.databases().get(0);
			await().atMost(Application.LONG)
				.untilAsserted(() -> assertThat(database.status().lastError())
					.contains("has a rollback journal and cannot be brought into WAL mode"));
			assertThat(database.status().state()).isEqualTo(ReplicationState.REPLICA_UNAVAILABLE);
			foreign.execute("COMMIT");
			await().atMost(Application.LONG).until(() -> database.sync(Application.LONG));
			assertThat(database.status().inSync()).isTrue();
		}
	}

	@Test
	@Hazard("F1")
	@Hazard("F3")
	void diskThatIsFullWhileAFileIsStagedIsReportedAndUsedAgain() throws Exception {
		Path database = this.directory.resolve("data/app.db");
		Files.createDirectories(database.getParent());
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			Application.execute(connection, "CREATE TABLE t(v BLOB)",
					"INSERT INTO t SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 1000));
		}
		// As full as a disk: no file of the process may grow beyond 1.5 MB.
		List<String> command = ForeignProcess.command(List.of(), OnFullDisk.class, this.directory.toString());
		try (ChildProcess child = ChildProcess.start(this.directory.resolve("log"),
				List.of("bash", "-c", "ulimit -S -f 1500; exec '" + String.join("' '", command) + "'"))) {
			await().atMost(Application.LONG).until(() -> child.log().contains("committed") || !child.isAlive());
			assertThat(child.log()).contains("state REPLICA_UNAVAILABLE")
				.contains("The database cannot be synced: The local spool")
				.contains("free space on its disk")
				.contains("committed");
			assertThat(child.log().split("WARN .*cannot be synced", -1)).as("warnings for three failures").hasSize(2);
			try (var files = Files.list(database.resolveSibling(".app.db-litestream").resolve("ltx/0"))) {
				assertThat(files).as("what the attempts left").isEmpty();
			}
			ChildProcess.output(Application.LONG,
					List.of("prlimit", "--pid", Long.toString(child.pid()), "--fsize=unlimited:"));
			assertThat(child.awaitExit(Application.LONG)).as(child.log()).isZero();
		}
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
		}
	}

	/** An application that may not write large files, until it is allowed to. */
	static final class OnFullDisk {

		private OnFullDisk() {
		}

		public static void main(String[] args) throws Exception {
			try (Application app = new Application(Path.of(args[0]), (o) -> o.syncInterval(Duration.ofMillis(20)))) {
				await().atMost(Application.LONG).until(() -> app.status().counters().syncErrors() >= 3);
				System.out.println("state " + app.status().state() + ": " + app.status().lastError());
				for (int i = 0; i < 20; i++) {
					app.execute("INSERT INTO t VALUES(randomblob(3000))");
				}
				System.out.println("committed");
				await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICATING);
				app.sync();
			}
		}

	}

	@Test
	@Hazard("F3")
	void failuresAreFollowedByLongerAndLongerWaits() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofMillis(5)))) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			Path away = app.spool().resolveSibling("away");
			Files.move(app.spool(), away);
			Files.createFile(app.spool());
			long start = System.nanoTime();
			await().atMost(Application.LONG).until(() -> {
				// Each needs a file, and none is there to be had.
				app.execute("INSERT INTO t VALUES(randomblob(400000))");
				return app.status().counters().syncErrors() >= 4;
			});
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(250 + 500 + 1000));
			assertThat(app.status().state()).isEqualTo(ReplicationState.REPLICA_UNAVAILABLE);
			Files.delete(app.spool());
			Files.move(away, app.spool());
			app.requireReplicaEqual();
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICATING);
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	/** The replica comes back while the disk is still full. */
	@Test
	@Hazard("F1")
	void commitThatTheSpoolCouldNotTakeOfflineIsNotTakenForReplicated() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
		}
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.shut();
		try (Application app = new Application(this.directory, replica, (o) -> o.syncInterval(Duration.ofMillis(20)))) {
			// Goes on from the spool alone.
			await().atMost(Application.LONG).until(() -> !app.status().txid().isZero());
			Txid held = app.status().txid();
			Path taken = Files
				.createDirectory(app.spool().resolve(String.format(Locale.ROOT, "%s-%1$s.ltx.tmp", held.next())));
			app.execute("INSERT INTO t VALUES(1)");
			await().atMost(Application.LONG).until(() -> app.status().counters().syncErrors() > 0);
			assertThat(app.status().txid()).isEqualTo(held.next());
			replica.unshut();
			assertThat(app.database().sync(Duration.ofSeconds(1))).as("nobody has it but the database").isFalse();
			assertThat(app.status().replicatedTxid()).isLessThanOrEqualTo(held);
			assertThat(app.status().lastError()).contains("cannot be written");
			Files.delete(taken);
			app.execute("INSERT INTO t VALUES(2)");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isZero();
		}
	}

	@ParameterizedTest
	@Hazard("C2")
	@Hazard("C5")
	@Hazard("C6")
	@ValueSource(strings = { "lost", "damaged" })
	void spoolFileThatGoesBadWhileItWaitsIsReplacedByTheDatabase(String fault) throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, replica, (o) -> o.syncInterval(Duration.ofMillis(20)))) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			replica.shut();
			for (int i = 0; i < 14; i++) {
				Txid before = app.status().txid();
				app.execute("INSERT INTO t VALUES(randomblob(3000))");
				await().atMost(Application.LONG).until(() -> app.status().txid().isAfter(before));
			}
			Path file = app.spool().resolve(String.format(Locale.ROOT, "%s-%1$s.ltx", app.status().txid().previous()));
			if (fault.equals("lost")) {
				Files.delete(file);
			}
			else {
				try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
					bytes.seek(200);
					bytes.writeLong(42);
				}
			}
			replica.unshut();
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(2);
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.REPLICA_BEHIND);
		}
	}

	@ParameterizedTest
	@Hazard("C5")
	@ValueSource(strings = { "unreadable", "foreign" })
	void spoolFileThatCannotBeReadIsNamed(String fault) throws Exception {
		Path file;
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			file = app.spool().resolve(String.format(Locale.ROOT, "%s-%1$s.ltx", app.status().txid()));
		}
		if (fault.equals("foreign")) {
			file = Files.createFile(file.resolveSibling("notes.ltx"));
		}
		else {
			// For any user, root too.
			Files.delete(file);
			Files.createDirectory(file);
		}
		try (Application app = new Application(this.directory)) {
			await().atMost(Application.LONG).until(() -> app.status().lastError() != null);
			assertThat(app.status().lastError()).startsWith("The local spool cannot be used: The file " + file)
				.contains("move it away");
			assertThat(app.status().state()).isEqualTo(ReplicationState.REPLICA_UNAVAILABLE);
			app.execute("INSERT INTO t VALUES(1)");
			Files.delete(file);
			app.requireReplicaEqual();
			await().atMost(Application.LONG).until(() -> app.status().lastError() == null);
			assertThat(app.status().counters().resyncs()).isZero();
		}
	}

	@Test
	@Hazard("A12")
	@Hazard("A19")
	void checkpointsOfAnotherSqliteTakeNothingAway() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(50))) {
			app.execute("CREATE TABLE t(v BLOB)", "CREATE TABLE f(v BLOB)", "PRAGMA busy_timeout=20000");
			app.sync();
			ChildProcess.output(Application.LONG, List.of("python3", "-c", """
					import sqlite3, sys
					c = sqlite3.connect(sys.argv[1], isolation_level=None)
					for i in range(40):
						c.execute('PRAGMA busy_timeout=20000')
						c.execute('INSERT INTO f VALUES(randomblob(9000))')
						c.execute('PRAGMA busy_timeout=5')
						c.execute('PRAGMA wal_checkpoint(%s)' % ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'][i % 4])
					""".replace("\t", " "), app.path().toString()));
			assertThat(app.query("SELECT count(*) FROM f")).isEqualTo(40);
			app.execute("INSERT INTO t VALUES(randomblob(9000))");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
		assertThat(Databases.integrity(this.directory.resolve("data/app.db"))).isEqualTo("ok");
	}

	@Test
	@Hazard("A4")
	void walThatAnotherProgramOverwritesIsReported() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofMillis(20)))) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(20000))");
			app.sync();
			// The application has the pages of the newest commit, which may be ours.
			app.query("SELECT count(*) FROM t");
			Txid end = app.status().replicatedTxid();
			ChildProcess.output(Application.LONG, List.of("truncate", "-s", "0", app.wal().toString()));
			// What SQLite appends to it now lies behind a hole.
			catchThrowable(() -> app.execute("INSERT INTO t VALUES('behind a hole')"));
			catchThrowable(() -> app.execute("CREATE TABLE u(v)"));
			await().atMost(Application.LONG).until(() -> app.status().lastError() != null);
			assertThat(app.status().lastError()).contains("truncated or overwrote").contains("restore the database");
			assertThat(app.status().state()).isEqualTo(ReplicationState.REPLICA_UNAVAILABLE);
			assertThat(app.status().replicatedTxid()).isEqualTo(end);
		}
		Path restored = this.directory.resolve("restored.db");
		Oracle.restore("file://" + this.directory.resolve("replica"), restored);
		assertThat(Databases.integrity(restored)).isEqualTo("ok");
	}

	@Test
	@Hazard("D11")
	void historyOfAClockThatRanAheadIsContinued() throws Exception {
		Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
		}
		List<LtxFileInfo> files = files();
		Files.setLastModifiedTime(this.directory.resolve("replica/ltx/0/" + files.get(files.size() - 1).fileName()),
				FileTime.from(tomorrow));
		try (Application app = new Application(this.directory)) {
			for (int i = 0; i < 3; i++) {
				app.execute("INSERT INTO t VALUES(1)");
				app.requireReplicaEqual();
			}
			assertThat(app.status().counters().resyncs()).isZero();
			assertThat(app.status().lag()).isLessThan(Duration.ofHours(1));
		}
		List<LtxFileInfo> all = files();
		assertThat(all).hasSizeGreaterThan(files.size())
			.isSortedAccordingTo((a, b) -> a.createdAt().compareTo(b.createdAt()));
		assertThat(all.get(all.size() - 1).createdAt().toEpochMilli()).isGreaterThanOrEqualTo(tomorrow.toEpochMilli());
	}

	@Test
	@Hazard("D11")
	void historyOfAClockThatWasBehindIsContinued() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
		}
		for (LtxFileInfo file : files()) {
			Files.setLastModifiedTime(this.directory.resolve("replica/ltx/0/" + file.fileName()),
					FileTime.from(Instant.now().minus(Duration.ofDays(1))));
		}
		try (Application app = new Application(this.directory)) {
			app.execute("INSERT INTO t VALUES(1)");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isZero();
		}
	}

	private List<LtxFileInfo> files() throws Exception {
		try (FileReplicaClient client = new FileReplicaClient(this.directory.resolve("replica"))) {
			client.open();
			return client.list(0).files();
		}
	}

	@Test
	@Hazard("A10")
	void slowReplicaDelaysNoCommitAndShowsTheLag() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, replica, (o) -> o.minCheckpointPages(20))) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			Txid before = app.status().replicatedTxid();
			replica.stall();
			try {
				long checkpoints = app.status().counters().checkpoints();
				await().atMost(Application.LONG).until(() -> {
					app.execute("INSERT INTO t VALUES(randomblob(3000))");
					return app.status().counters().checkpoints() > checkpoints + 1;
				});
				assertThat(app.status().state()).isEqualTo(ReplicationState.REPLICATING);
				assertThat(app.status().inSync()).isFalse();
				assertThat(app.status().lag()).isPositive();
				assertThat(app.status().counters().spoolBytes()).isPositive();
				assertThat(app.status().replicatedTxid()).isEqualTo(before);
			}
			finally {
				replica.goOn();
			}
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("S3")
	@Hazard("F3")
	void refusingReplicaIsShownUntilItTakesFilesAgain() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		Changes changes = new Changes();
		Path path = this.directory.resolve("app.db");
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).syncInterval(Duration.ofMillis(20)).build(), replica)
			.listener(changes)
			.build(); Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			ReplicatedDatabase database = engine.databases().get(0);
			Application.execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE t(v)");
			engine.start();
			assertThat(database.sync(Application.LONG)).isTrue();
			replica.refuse("The bucket is full: raise its limit");
			await().atMost(Application.LONG).until(() -> {
				Application.execute(connection, "INSERT INTO t VALUES(randomblob(3000))");
				return database.status().counters().uploadErrors() >= 3;
			});
			assertThat(database.status().state()).isEqualTo(ReplicationState.REPLICA_UNAVAILABLE);
			assertThat(database.status().lastError())
				.contains("does not take files: The bucket is full: raise its limit");
			assertThat(changes.lost).hasValue(1);
			// It could be listed all the time.
			assertThat(changes.back).hasValue(0);
			replica.refuse(null);
			await().atMost(Application.LONG)
				.until(() -> database.status().state() == ReplicationState.REPLICATING
						&& database.status().lastError() == null);
			assertThat(changes.back).hasValue(1);
			assertThat(database.sync(Application.LONG)).isTrue();
			assertThat(database.status().counters().resyncs()).isEqualTo(1);
			Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
		}
	}

	/** As when its file system is unmounted: its place is gone, or there and empty. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void replicaThatVanishesWhileNothingIsCommittedIsShownUntilItIsBack(boolean mountPointStays) throws Exception {
		Path replica = this.directory.resolve("replica");
		Path away = this.directory.resolve("away");
		Changes changes = new Changes();
		Path path = this.directory.resolve("app.db");
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).syncInterval(Duration.ofMillis(20)).build(),
					new FileReplicaClient(replica))
			.listener(changes)
			.build(); Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			ReplicatedDatabase database = engine.databases().get(0);
			Application.execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE t(v)");
			engine.start();
			assertThat(database.sync(Application.LONG)).isTrue();
			// It has to have been seen there.
			await().atMost(Application.LONG)
				.until(() -> new FileReplicaClient(replica).isConnected() && database.status().lastSync() != null);
			Instant synced = database.status().lastSync();
			await().atMost(Application.LONG).until(() -> database.status().lastSync().isAfter(synced.plusSeconds(1)));
			Files.move(replica, away);
			if (mountPointStays) {
				Files.createDirectory(replica);
			}
			await().atMost(Application.LONG)
				.until(() -> database.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			assertThat(database.status().lastError()).contains("out of reach", replica + " is",
					mountPointStays ? "been empty since 20" : "been gone since 20", "Mount its file system again",
					"Nothing waits for it");
			Instant stopped = database.status().lastSync();
			assertThat(database.sync(Application.LONG)).as("nothing waits").isTrue();
			assertThat(database.status().lastSync()).isEqualTo(stopped);
			assertThat(changes.lost).hasValue(1);
			if (mountPointStays) {
				Files.delete(replica);
			}
			Files.move(away, replica);
			await().atMost(Application.LONG)
				.until(() -> database.status().state() == ReplicationState.REPLICATING
						&& database.status().lastError() == null);
			assertThat(changes.back).hasValue(1);
			Application.execute(connection, "INSERT INTO t VALUES(1)");
			assertThat(database.sync(Application.LONG)).isTrue();
			assertThat(database.status().counters().resyncs()).isEqualTo(1);
			Application.requireEqual(this.directory, replica, connection);
		}
	}

	/**
	 * Nothing may go below the mount point: the backup would have a hole on both disks.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Hazard("C5")
	void replicaThatVanishesWhileCommitsComeIsWaitedForAndNotCreatedAnew(boolean mountPointStays) throws Exception {
		Path away = this.directory.resolve("away");
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofMillis(20)))) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
			Files.move(app.replica(), away);
			if (mountPointStays) {
				Files.createDirectory(app.replica());
			}
			app.execute("INSERT INTO t VALUES(2)");
			await().atMost(Application.LONG).until(() -> app.status().counters().uploadErrors() > 0);
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			assertThat(app.status().lastError()).contains(app.replica() + " has disappeared", "unmounted",
					"litestream.dbs[].replica.path", "goes on by itself");
			assertThat(app.status().inSync()).isFalse();
			if (mountPointStays) {
				assertThat(app.replica()).isEmptyDirectory();
				Files.delete(app.replica());
			}
			assertThat(app.replica()).doesNotExist();
			Files.move(away, app.replica());
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICATING);
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("C5")
	void startWithoutTheFileSystemOfTheReplicaIsWarnedOf() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
		}
		Files.move(this.directory.resolve("replica"), this.directory.resolve("away"));
		Logger logger = (Logger) LoggerFactory.getLogger("dev.litestream.replication");
		ListAppender<ILoggingEvent> lines = new ListAppender<>();
		lines.start();
		logger.addAppender(lines);
		try (Application app = new Application(this.directory)) {
			app.sync();
			assertThat(List.copyOf(lines.list)).filteredOn((line) -> line.getLevel() == Level.WARN)
				.extracting(ILoggingEvent::getFormattedMessage)
				.anySatisfy((line) -> assertThat(line).contains("the replica file://" + app.replica() + " is empty",
						"its file system is not mounted"));
		}
		finally {
			logger.detachAppender(lines);
		}
	}

	/** Counts how often the replica was lost and came back. */
	private static final class Changes implements ReplicationListener {

		private final AtomicInteger lost = new AtomicInteger();

		private final AtomicInteger back = new AtomicInteger();

		@Override
		public void onEvent(ReplicationEvent event) {
			if (event instanceof ReplicationEvent.ReplicaLost) {
				this.lost.incrementAndGet();
			}
			else if (event instanceof ReplicationEvent.ReplicaBack) {
				this.back.incrementAndGet();
			}
		}

	}

}
