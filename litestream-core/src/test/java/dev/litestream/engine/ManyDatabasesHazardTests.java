package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationState;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import dev.litestream.test.LockWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Many databases in one engine: they share threads and descriptors, come and go, and none
 * holds up the others.
 */
class ManyDatabasesHazardTests {

	private static final int MANY = 60;

	@TempDir
	Path directory;

	@Test
	@Hazard("F9")
	void hangingUploadsHoldUpNoOtherDatabase() throws Exception {
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicReference<CountDownLatch> pause = new AtomicReference<>(new CountDownLatch(0));
		List<Connection> connections = new ArrayList<>();
		LitestreamEngine.Builder builder = LitestreamEngine.builder();
		for (int i = 0; i < MANY; i++) {
			connections.add(create("hanging" + i));
			builder.database(options("hanging" + i), new HangingReplica(replica("hanging" + i), pause));
		}
		connections.add(create("other"));
		builder.database(options("other"), replica("other"));
		try (LitestreamEngine engine = builder.build()) {
			engine.start();
			ReplicatedDatabase other = database(engine, "other");
			for (ReplicatedDatabase database : engine.databases()) {
				assertThat(database.sync(Application.LONG)).isTrue();
			}
			pause.set(goOn);
			List<Txid> before = engine.databases().stream().map((database) -> database.status().txid()).toList();
			for (Connection connection : connections) {
				Application.execute(connection, "INSERT INTO t VALUES('while uploads hang')");
			}
			assertThat(other.sync(Application.LONG)).isTrue();
			await().atMost(Application.LONG)
				.until(() -> engine.databases()
					.stream()
					.allMatch((database) -> database.status().txid().isAfter(before.get(index(engine, database)))));
			assertThat(threads()).as("threads").isLessThan(16 + 2 * localThreads() + 8);
			goOn.countDown();
			for (ReplicatedDatabase database : engine.databases()) {
				assertThat(database.sync(Application.LONG)).isTrue();
			}
		}
		finally {
			goOn.countDown();
			for (Connection connection : connections) {
				connection.close();
			}
		}
	}

	private static int index(LitestreamEngine engine, ReplicatedDatabase database) {
		return engine.databases().indexOf(database);
	}

	private static int localThreads() {
		return Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
	}

	private static long threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().matches("litestream-\\d+"))
			.count();
	}

	/** Nothing that is said of one database depends on a signal of another. */
	@Test
	@Hazard("F9")
	void commitsOfAnotherProcessAreFoundInAnyOfManyDatabases() throws Exception {
		LitestreamEngine.Builder builder = LitestreamEngine.builder();
		for (int i = 0; i < MANY; i++) {
			create("db" + i).close();
			builder.database(options("db" + i), replica("db" + i));
		}
		try (LitestreamEngine engine = builder.build()) {
			engine.start();
			for (ReplicatedDatabase database : engine.databases()) {
				assertThat(database.sync(Application.LONG)).isTrue();
			}
			for (int i = 0; i < MANY; i += 17) {
				ReplicatedDatabase database = database(engine, "db" + i);
				await().atMost(Application.LONG).until(() -> database.status().inSync());
				Txid before = database.status().txid();
				try (ForeignProcess foreign = ForeignProcess.on(database.path())) {
					foreign.execute("INSERT INTO t VALUES('foreign')");
					await().atMost(Application.LONG).until(() -> database.status().replicatedTxid().isAfter(before));
					// Idle ticks look at a WAL that a restart has overwritten in place.
					Txid first = database.status().txid();
					foreign.execute("PRAGMA wal_checkpoint(TRUNCATE)");
					foreign.execute("INSERT INTO t VALUES('again')");
					await().atMost(Application.LONG).until(() -> database.status().replicatedTxid().isAfter(first));
				}
				long syncs = database.status().counters().syncs();
				await().atMost(Application.LONG).until(() -> database.status().counters().syncs() > syncs + 2);
				try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database.path())) {
					Application.requireEqual(this.directory, this.directory.resolve("replica/db" + i), connection);
				}
			}
		}
	}

	@Test
	@Hazard("F9")
	@Hazard("F10")
	void databasesComeAndGoWhileOthersAreReplicated() throws Exception {
		List<String> events = new java.util.concurrent.CopyOnWriteArrayList<>();
		try (Connection kept = create("kept");
				Connection guest = create("guest");
				LitestreamEngine engine = LitestreamEngine.builder()
					.database(options("kept"), replica("kept"))
					.build()) {
			engine.addListener((event) -> {
				if (event instanceof ReplicationEvent.DatabaseRegistered) {
					events.add("+" + event.database());
				}
				else if (event instanceof ReplicationEvent.DatabaseUnregistered) {
					events.add("-" + event.database());
				}
			});
			engine.start();
			LockWatch locks = LockWatch.of(path("guest"));
			for (int i = 0; i < 3; i++) {
				ReplicatedDatabase database = engine.register(options("guest"), replica("guest"));
				assertThat(engine.databases()).hasSize(2).contains(database);
				assertThat(engine.database(path("guest"))).isSameAs(database);
				database.prepare(guest);
				Application.execute(guest, "INSERT INTO t VALUES(1)");
				assertThat(database.sync(Application.LONG)).isTrue();
				assertThat(database.status().counters().resyncs()).isEqualTo((i == 0) ? 1 : 0);
				Application.execute(guest, "INSERT INTO t VALUES('last')");
				assertThat(engine.unregister("guest", Application.LONG)).isTrue();
				Application.requireEqual(this.directory, this.directory.resolve("replica/guest"), guest);
				assertThat(locks.isIntact()).isTrue();
				assertThat(engine.database("guest")).isNull();
				assertThat(engine.database(path("guest"))).isNull();
				assertThat(database.status().state()).isEqualTo(ReplicationState.STOPPED);
			}
			assertThat(events).containsExactly("+guest", "-guest", "+guest", "-guest", "+guest", "-guest");
			Application.execute(kept, "INSERT INTO t VALUES(1)");
			assertThat(database(engine, "kept").sync(Application.LONG)).isTrue();
			assertThat(database(engine, "kept").status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("F9")
	void whatAnotherDatabaseHasIsRefused() throws Exception {
		try (Connection connection = create("a");
				LitestreamEngine engine = LitestreamEngine.builder().database(options("a"), replica("a")).build()) {
			engine.start();
			Path link = this.directory.resolve("link.db");
			Files.createSymbolicLink(link, path("a"));
			assertRefused(engine, DatabaseOptions.of(path("b")).name("a").build(), replica("b"),
					"litestream.dbs[].name of 'a' is 'a', the name of two databases");
			assertRefused(engine, DatabaseOptions.of(link).build(), replica("b"),
					"litestream.dbs[].path of 'link.db' names a database that is replicated already, see also litestream.dbs[].path of 'a'");
			assertRefused(engine, options("b"), replica("a"), "the replica of two databases, see also");
			Path spool = database(engine, "a").path().resolveSibling(".a.db-litestream");
			assertRefused(engine, DatabaseOptions.of(path("b")).metaPath(spool).build(), replica("b"),
					"which litestream.dbs[].meta-path of 'a' writes to already");
			assertRefused(engine, options("b"), new FileReplicaClient(spool),
					"which litestream.dbs[].meta-path of 'a' writes to already");
			assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> engine.unregister("b", Duration.ZERO))
				.withMessageContaining("No database is named 'b'");
			// What was refused has left nothing behind.
			engine.register(options("b"), replica("b"));
			engine.close();
			assertRefused(engine, options("c"), replica("c"), "because the application stops");
			Application.execute(connection, "INSERT INTO t VALUES(1)");
		}
	}

	private static void assertRefused(LitestreamEngine engine, DatabaseOptions options, ReplicaClient client,
			String message) {
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> engine.register(options, client))
			.withMessageContaining(message);
	}

	@Test
	void missingDatabaseIsRestoredWhenItIsRegistered() throws Exception {
		try (LitestreamEngine engine = LitestreamEngine.builder().build()) {
			engine.start();
			create("a").close();
			engine.register(options("a"), replica("a"));
			assertThat(engine.unregister("a", Application.LONG)).isTrue();
			ReplicationTests.deleteRecursively(path("a").getParent());
			ReplicatedDatabase database = engine.register(options("a"), replica("a"));
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path("a"))) {
				Application.execute(connection, "INSERT INTO t VALUES('the table is back')");
				assertThat(database.sync(Application.LONG)).isTrue();
				Application.requireEqual(this.directory, this.directory.resolve("replica/a"), connection);
			}
		}
	}

	@Test
	@Hazard("F10")
	void registeringWhileTheEngineStopsEndsOneWayOrTheOther() throws Exception {
		int rounds = 10;
		ExecutorService others = Executors.newFixedThreadPool(3);
		try {
			for (int round = 0; round < rounds; round++) {
				int number = round;
				LitestreamEngine engine = LitestreamEngine.builder().build();
				engine.start();
				List<Future<?>> tasks = new ArrayList<>();
				for (String name : List.of("x", "y")) {
					create(name).close();
					tasks.add(others.submit(() -> {
						for (int i = 0; i < 5; i++) {
							engine.register(options(name), replica(name + number));
							engine.unregister(name, Duration.ofSeconds(5));
						}
						return null;
					}));
				}
				tasks.add(others.submit(() -> {
					engine.stop();
					engine.start();
					engine.close();
				}));
				for (Future<?> task : tasks) {
					Throwable failure = catchThrowable(task::get);
					assertThat(failure == null || String.valueOf(failure.getMessage())
						.matches("(?s).*(because the application stops|No database is named).*")).as("%s", failure)
						.isTrue();
				}
				for (String name : List.of("x", "y")) {
					assertThat(LockWatch.of(path(name)).database()).as("locks on " + name).isEmpty();
				}
			}
		}
		finally {
			others.shutdownNow();
		}
	}

	@Test
	@Hazard("F9")
	void deadServerDelaysTheStopOnceForAllDatabases() throws Exception {
		LitestreamEngine.Builder builder = LitestreamEngine.builder();
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicReference<CountDownLatch> pause = new AtomicReference<>(new CountDownLatch(0));
		for (int i = 0; i < MANY; i++) {
			create("db" + i).close();
			builder.database(DatabaseOptions.of(path("db" + i))
				.syncInterval(Duration.ofMillis(20))
				.shutdownSyncTimeout(Duration.ofSeconds(2))
				.build(), new HangingReplica(replica("db" + i), pause));
		}
		LitestreamEngine engine = builder.build();
		engine.start();
		for (ReplicatedDatabase database : engine.databases()) {
			assertThat(database.sync(Application.LONG)).isTrue();
		}
		pause.set(goOn);
		for (int i = 0; i < MANY; i++) {
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path("db" + i))) {
				Application.execute(connection, "INSERT INTO t VALUES('not to be replicated in time')");
			}
		}
		long start = System.nanoTime();
		engine.stop();
		engine.close();
		// One after the other would take two minutes, and five more for the close.
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
		goOn.countDown();
	}

	/** {@code -XX:-MaxFDLimit}: a JVM raises its limit otherwise. */
	@Test
	@Hazard("F9")
	void processWithoutDescriptorsSaysSoAndGoesOnWhenThereAreSome() throws Exception {
		List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n 200; exec \"$0\" \"$@\""));
		command.addAll(ForeignProcess.command(List.of("-Xmx128m", "-XX:-MaxFDLimit"), OutOfDescriptors.class,
				this.directory.toString()));
		String output = ChildProcess.output(Duration.ofMinutes(2), command);
		assertThat(output).contains("lastError The database cannot be synced:", "ulimit -n")
			.contains("refused ")
			.contains("resyncs 2")
			.contains("recovered true true");
	}

	private DatabaseOptions options(String name) {
		return DatabaseOptions.of(path(name))
			.name(name)
			.syncInterval(Duration.ofMillis(20))
			.shutdownSyncTimeout(Duration.ofSeconds(10))
			.build();
	}

	private ReplicaClient replica(String name) {
		return new FileReplicaClient(this.directory.resolve("replica").resolve(name));
	}

	private Path path(String name) {
		return this.directory.resolve(name).resolve(name + ".db");
	}

	private Connection create(String name) throws Exception {
		Files.createDirectories(path(name).getParent());
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path(name));
		try {
			Application.execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE IF NOT EXISTS t(v)");
			return connection;
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
	}

	private static ReplicatedDatabase database(LitestreamEngine engine, String name) {
		ReplicatedDatabase database = engine.database(name);
		assertThat(database).as("the database " + name).isNotNull();
		return database;
	}

}
