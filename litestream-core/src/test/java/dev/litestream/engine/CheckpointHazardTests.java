package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import dev.litestream.DatabaseOptions;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Checkpoints, ours and others', while everybody writes: no frame may leave the WAL
 * unread, nobody may be kept from writing, and nothing may be written for its own sake.
 */
class CheckpointHazardTests {

	private static final String ROWS = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
			+ " SELECT i FROM n)";

	@TempDir
	Path directory;

	@Test
	@Hazard("A1")
	@Hazard("A2")
	@Hazard("A12")
	@Hazard("A13")
	void nothingIsMissedWhileEverybodyWritesAndCheckpoints() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(30))) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)", "CREATE TABLE f(v BLOB)",
					"CREATE INDEX i ON t(substr(v, 1, 8))");
			app.sync();
			try (ForeignProcess foreign = ForeignProcess.on(app.path()); Writers writers = new Writers(app, 2)) {
				foreign.storm();
				await().atMost(Application.LONG)
					.until(() -> app.status().counters().checkpoints() >= 12
							&& app.query("SELECT count(*) FROM f") > 21);
				writers.end();
				assertThat(foreign.endStorm()).as("rounds of the foreign process").isGreaterThan(20);
			}
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).as("hidden images").isEqualTo(1);
			assertThat(app.status().counters().checkpointErrors()).isZero();
		}
		requireIntegrity();
	}

	@Test
	@Hazard("A9")
	@Hazard("A10")
	void firstImageIsOneStateWhileOthersWriteAndCheckpoint() throws Exception {
		Path path = path();
		try (Connection first = DriverManager.getConnection("jdbc:sqlite:" + path);
				ForeignProcess foreign = ForeignProcess.on(path)) {
			Application.execute(first, "PRAGMA journal_mode=WAL", "PRAGMA busy_timeout=20000", "CREATE TABLE f(v BLOB)",
					"CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)",
					"INSERT INTO t(v) SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 5000));
			foreign.storm();
			try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(30));
					Writers writers = new Writers(app, 1)) {
				await().atMost(Application.LONG).until(() -> app.status().counters().resyncs() > 0);
				writers.end();
				foreign.endStorm();
				app.requireReplicaEqual();
			}
		}
		requireIntegrity();
	}

	@Test
	@Hazard("A4")
	void restartedWalWithFewerFramesIsNoticedThoughItsSizeStays() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(50))) {
			app.execute("CREATE TABLE t(v BLOB)",
					"INSERT INTO t SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 200));
			app.sync();
			await().atMost(Application.LONG).until(() -> app.status().counters().checkpoints() > 0);
			long size = Files.size(app.wal());
			Txid before = app.status().txid();
			app.execute("INSERT INTO t VALUES('x')");
			app.sync();
			assertThat(Files.size(app.wal())).isEqualTo(size);
			assertThat(app.status().counters().walSize()).as("logical size").isLessThan(size / 10);
			assertThat(app.status().replicatedTxid()).isGreaterThan(before);
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	/**
	 * Nobody signals the commit, and nobody asks for a sync: only the tick can see it.
	 */
	@Test
	@Hazard("A4")
	void tickSeesACommitThatLeavesTheSizeOfTheWalAsItIs() throws Exception {
		try (Application app = new Application(this.directory,
				(o) -> o.minCheckpointPages(50).syncInterval(Duration.ofMillis(10)));
				Connection unseen = app.unprepared()) {
			Application.execute(unseen, "PRAGMA wal_autocheckpoint=0");
			app.execute("CREATE TABLE t(v BLOB)",
					"INSERT INTO t SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 200));
			await().atMost(Application.LONG).until(() -> app.status().counters().checkpoints() > 0);
			for (int i = 0; i < 3; i++) {
				ticks(app, 20);
				long size = Files.size(app.wal());
				Txid before = app.status().txid();
				Application.execute(unseen, "INSERT INTO t VALUES('" + i + "')");
				assertThat(Files.size(app.wal())).isEqualTo(size);
				await().atMost(Application.LONG).until(() -> app.status().replicatedTxid().isAfter(before));
			}
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("A5")
	@Hazard("A6")
	void checkpointsAndRestartsOfTheEngineWriteNoImages() throws Exception {
		long images = 0;
		for (int start = 0; start < 5; start++) {
			try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(20))) {
				app.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v BLOB)");
				if (start == 0) {
					app.execute(
							"INSERT INTO t(v) SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 1000));
					app.sync();
				}
				for (int i = 0; i < 40; i++) {
					app.execute("UPDATE t SET v = randomblob(3000) WHERE id = " + (i * 7 + start));
				}
				long checkpoints = app.status().counters().checkpoints();
				await().atMost(Application.LONG).until(() -> {
					app.execute("UPDATE t SET v = randomblob(3000) WHERE id = 1");
					return app.status().counters().checkpoints() > checkpoints + 1;
				});
				app.requireReplicaEqual();
				images += app.status().counters().resyncs();
			}
		}
		assertThat(images).isEqualTo(1);
		List<Long> sizes = new ArrayList<>();
		try (var files = Files.list(this.directory.resolve("replica/ltx/0"))) {
			for (Path file : files.sorted().toList()) {
				sizes.add(Files.size(file));
			}
		}
		assertThat(sizes.stream().filter((size) -> size > 2_000_000)).as("files of the size of the database")
			.hasSize(1);
	}

	@Test
	@Hazard("A7")
	@Hazard("A8")
	void idleDatabaseWritesNothing() throws Exception {
		try (Application app = new Application(this.directory,
				(o) -> o.minCheckpointPages(50)
					.syncInterval(Duration.ofMillis(10))
					.checkpointInterval(Duration.ofMillis(60)))) {
			app.execute("CREATE TABLE t(v BLOB)",
					"INSERT INTO t SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 200));
			app.sync();
			app.execute("INSERT INTO t VALUES('after the checkpoint, at the start of a long file')");
			app.sync();
			await().atMost(Application.LONG).until(() -> app.status().counters().checkpoints() > 0);
			ticks(app, 50);
			long files = files(app);
			long checkpoints = app.status().counters().checkpoints();
			Txid txid = app.status().txid();
			byte[] header = walHeader(app);
			ticks(app, 150);
			assertThat(app.status().txid()).isEqualTo(txid);
			assertThat(files(app)).isEqualTo(files);
			assertThat(walHeader(app)).as("WAL header").isEqualTo(header);
			assertThat(app.status().counters().checkpoints()).isEqualTo(checkpoints);
		}
	}

	@Test
	@Hazard("A7")
	@Hazard("F4")
	void callersThatSyncAllTheTimeDoNotKeepCheckpointsAway() throws Exception {
		try (Application app = new Application(this.directory,
				(o) -> o.minCheckpointPages(20).maxObjectsPerSecond(1))) {
			app.execute("CREATE TABLE t(v BLOB)");
			await().atMost(Application.LONG).until(() -> {
				app.execute("INSERT INTO t VALUES(randomblob(9000))");
				app.sync();
				return app.status().counters().checkpoints() > 2;
			});
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("A3")
	@Hazard("A17")
	void longReaderKeepsNobodyFromWritingAndTheWalRecovers() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(20))) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			try (Connection reader = app.connect(); Connection writer = app.connect()) {
				Application.execute(writer, "PRAGMA busy_timeout=2000");
				Application.execute(reader, "BEGIN", "SELECT count(*) FROM t");
				await().atMost(Application.LONG).until(() -> {
					Application.execute(writer, "INSERT INTO t(v) VALUES(randomblob(20000))");
					return app.status().counters().checkpoints() > 2;
				});
				app.sync();
				long grown = app.status().counters().walSize();
				Application.execute(reader, "ROLLBACK");
				await().atMost(Application.LONG).until(() -> {
					Application.execute(writer, "INSERT INTO t(v) VALUES('x')");
					app.sync();
					return app.status().counters().walSize() < grown;
				});
				app.requireReplicaEqual();
				assertThat(app.status().counters().resyncs()).isEqualTo(1);
			}
		}
	}

	@Test
	@Hazard("F8")
	void writeLockThatAnotherHoldsDelaysACheckpointAndIsNoError() throws Exception {
		try (Application app = new Application(this.directory,
				(o) -> o.minCheckpointPages(20).busyTimeout(Duration.ofMillis(20)).syncInterval(Duration.ofHours(1)));
				Connection unseen = app.unprepared()) {
			app.execute("CREATE TABLE t(v BLOB)");
			app.sync();
			Application.execute(unseen, "INSERT INTO t VALUES(randomblob(300000))", "BEGIN IMMEDIATE",
					"INSERT INTO t VALUES('held')");
			long before = app.status().counters().checkpoints();
			await().atMost(Application.LONG).until(() -> {
				app.sync();
				return app.status().counters().checkpoints() > before;
			});
			assertThat(app.status().counters().checkpointErrors()).isZero();
			assertThat(app.status().lastError()).isNull();
			long grown = app.status().counters().walSize();
			Application.execute(unseen, "COMMIT");
			await().atMost(Application.LONG).until(() -> {
				app.execute("INSERT INTO t VALUES(randomblob(9000))");
				app.sync();
				return app.status().counters().walSize() < grown;
			});
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("A12")
	@Hazard("A13")
	void foreignCheckpointCannotTakeUnreadFramesAway() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofHours(1)));
				Connection unseen = app.unprepared();
				ForeignProcess foreign = ForeignProcess.on(app.path())) {
			app.execute("CREATE TABLE t(v BLOB)");
			app.sync();
			for (String kind : List.of("PASSIVE", "FULL", "RESTART", "TRUNCATE")) {
				Application.execute(unseen, "INSERT INTO t VALUES('unread')");
				byte[] header = walHeader(app);
				foreign.execute("PRAGMA busy_timeout=20");
				foreign.execute("PRAGMA wal_checkpoint(" + kind + ")");
				Application.execute(unseen, "INSERT INTO t VALUES('" + kind + "')");
				assertThat(walHeader(app)).as("after a foreign %s", kind).isEqualTo(header);
				app.requireReplicaEqual();
			}
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "RESTART", "TRUNCATE" })
	void checkpointOfTheApplicationThatTruncatesEndsBusy(String kind) throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofHours(1)));
				Connection own = app.unprepared();
				Statement statement = own.createStatement()) {
			app.execute("CREATE TABLE t(v BLOB)");
			app.sync();
			Application.execute(own, "PRAGMA busy_timeout=20");
			try (ResultSet answer = statement.executeQuery("PRAGMA wal_checkpoint(" + kind + ")")) {
				assertThat(answer.next()).isTrue();
				assertThat(answer.getInt(1)).as("busy").isEqualTo(1);
			}
			app.execute("INSERT INTO t VALUES('nobody is kept from writing afterwards')");
			app.requireReplicaEqual();
		}
	}

	@ParameterizedTest
	@Hazard("A12")
	@CsvSource({ "PASSIVE, 1", "PASSIVE, 40", "PASSIVE, 90", "FULL, 1", "FULL, 40", "FULL, 90", "RESTART, 1",
			"RESTART, 40", "RESTART, 90", "TRUNCATE, 1", "TRUNCATE, 40", "TRUNCATE, 90" })
	void foreignCheckpointWhileDownLosesNothing(String kind, int rows) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			Application.execute(connection, "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
					"CREATE TABLE t(v BLOB)");
			try (LitestreamEngine engine = engine()) {
				insert(connection, 40);
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			}
			Application.execute(connection, "INSERT INTO t VALUES('unseen, then checkpointed')",
					"PRAGMA wal_checkpoint(" + kind + ")");
			insert(connection, rows);
			try (LitestreamEngine engine = engine()) {
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
				assertThat(engine.databases().get(0).status().counters().lastResync())
					.isEqualTo(ResyncReason.WAL_RESET);
			}
		}
	}

	@Test
	@Hazard("A16")
	void imageThatEndsAtTheWalHeaderIsContinued() throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			Application.execute(connection, "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
					"PRAGMA cache_size=5", "CREATE TABLE t(v BLOB)", "INSERT INTO t VALUES(1)",
					"PRAGMA wal_checkpoint(RESTART)");
			// Frames of a new generation, none of them committed.
			Application.execute(connection, "BEGIN",
					"INSERT INTO t SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 100));
			try (LitestreamEngine engine = engine()) {
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				assertThat(engine.databases().get(0).status().counters().walSize()).isEqualTo(32);
				Application.execute(connection, "COMMIT");
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				assertThat(engine.databases().get(0).status().counters().resyncs()).isEqualTo(1);
				Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
			}
		}
	}

	@Test
	@Hazard("A16")
	@Hazard("A18")
	void positionBehindOneFrameSurvivesARestart() throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path());
				Connection reader = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			Application.execute(connection, "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
					"CREATE TABLE t(v BLOB)", "PRAGMA wal_checkpoint(TRUNCATE)");
			try (LitestreamEngine engine = engine()) {
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				assertThat(engine.databases().get(0).status().counters().walSize()).isEqualTo(32 + 24 + 4096);
				// At its end all is in the database file: nobody else may start it anew.
				Application.execute(reader, "BEGIN", "SELECT * FROM t");
			}
			Application.execute(connection, "INSERT INTO t VALUES(1)");
			try (LitestreamEngine engine = engine()) {
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				assertThat(engine.databases().get(0).status().counters().resyncs()).isZero();
				Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
			}
		}
	}

	@Test
	@Hazard("A12")
	void walTruncatedBeforeTheFirstImageIsNotTakenForReplicated() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			// All in the database file, the WAL not empty: our lock is in slot 0.
			Application.execute(connection, "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
					"CREATE TABLE t(v BLOB)", "INSERT INTO t VALUES(1)", "PRAGMA wal_checkpoint(FULL)");
			replica.shut();
			try (LitestreamEngine engine = engine(replica)) {
				await().atMost(Application.LONG).until(() -> engine.databases().get(0).status().lastError() != null);
				Application.execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
				assertThat(path().resolveSibling("app.db-wal")).isEmptyFile();
				replica.unshut();
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
			}
		}
	}

	private Path path() throws Exception {
		Path path = this.directory.resolve("data").resolve("app.db");
		Files.createDirectories(path.getParent());
		return path;
	}

	private LitestreamEngine engine() throws Exception {
		return engine(new FileReplicaClient(this.directory.resolve("replica")));
	}

	private LitestreamEngine engine(dev.litestream.replica.ReplicaClient client) throws Exception {
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path()).syncInterval(Duration.ofMillis(50)).build(), client)
			.build();
		engine.start();
		return engine;
	}

	private static void insert(Connection connection, int rows) throws SQLException {
		try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES(randomblob(2000))")) {
			for (int i = 0; i < rows; i++) {
				insert.executeUpdate();
			}
		}
	}

	private void requireIntegrity() throws SQLException {
		assertThat(Databases.integrity(this.directory.resolve("data/app.db"))).isEqualTo("ok");
	}

	private static void ticks(Application app, int count) {
		long syncs = app.status().counters().syncs();
		await().atMost(Application.LONG).until(() -> app.status().counters().syncs() > syncs + count);
	}

	private static long files(Application app) throws Exception {
		try (var files = Files.list(app.replica().resolve("ltx/0"))) {
			return files.count();
		}
	}

	private static byte[] walHeader(Application app) throws Exception {
		try (var in = Files.newInputStream(app.wal())) {
			return in.readNBytes(32);
		}
	}

	/** Threads that write, each on a connection of its own. */
	private static final class Writers implements AutoCloseable {

		private final ExecutorService executor = Executors.newCachedThreadPool();

		private final AtomicBoolean ended = new AtomicBoolean();

		private final List<Future<Long>> writers = new ArrayList<>();

		Writers(Application app, int count) {
			for (int i = 0; i < count; i++) {
				int seed = i;
				this.writers.add(this.executor.submit(() -> write(app, seed)));
			}
		}

		private long write(Application app, int seed) throws SQLException {
			AtomicLong rows = new AtomicLong();
			try (Connection connection = app.connect()) {
				Application.execute(connection, "PRAGMA busy_timeout=20000", "PRAGMA synchronous=NORMAL");
				while (!this.ended.get()) {
					Application.execute(connection, "BEGIN IMMEDIATE",
							"INSERT INTO t(v) VALUES(randomblob(abs(random()) % 5000))",
							"DELETE FROM t WHERE id = (SELECT max(id) FROM t) - abs(random()) % 40 - " + seed,
							"COMMIT");
					rows.incrementAndGet();
					LockSupport.parkNanos(1_000_000);
				}
			}
			return rows.get();
		}

		void end() throws Exception {
			this.ended.set(true);
			for (Future<Long> writer : this.writers) {
				assertThat(writer.get()).as("transactions").isPositive();
			}
		}

		@Override
		public void close() {
			this.ended.set(true);
			this.executor.shutdown();
		}

	}

}
