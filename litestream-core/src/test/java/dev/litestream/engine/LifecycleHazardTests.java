package dev.litestream.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreOnStartup;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.Hazard;
import dev.litestream.test.LockWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Starts and ends, in whatever order: what was committed is replicated, the WAL stays,
 * nothing is held afterwards.
 */
class LifecycleHazardTests {

	@TempDir
	Path directory;

	@Test
	@Hazard("F5")
	void databaseThatVanishedBeforeTheReplicaWasReachedIsNotSaidToBeReplicated() throws Exception {
		GatedReplica gate = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, gate,
				(options) -> options.restoreOnStartup(RestoreOnStartup.NEVER))) {
			gate.shut();
			app.execute("CREATE TABLE t(v)");
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			Files.delete(app.path());
			assertThat(app.engine.unregister(app.database().name(), Duration.ofMillis(300))).isFalse();
		}
	}

	/** What lies there belongs to whoever takes the database next. */
	@Test
	@Hazard("F6")
	void nothingIsWrittenBesideADatabaseThatWasClosedWhileItsReplicaWasRead() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch answered = new CountDownLatch(1);
		CountDownLatch used = new CountDownLatch(1);
		ReplicaClient slow = new FilterReplicaClient(new FileReplicaClient(this.directory.resolve("replica"))) {

			@Override
			public List<LtxListing> listAll() throws IOException {
				List<LtxListing> listings = this.client.listAll();
				asked.countDown();
				boolean interrupted = false;
				while (true) {
					try {
						answered.await();
						break;
					}
					catch (InterruptedException ex) {
						interrupted = true;
					}
				}
				used.countDown();
				if (interrupted) {
					Thread.currentThread().interrupt();
				}
				return listings;
			}

		};
		try (Application app = new Application(this.directory, slow,
				(options) -> options.restoreOnStartup(RestoreOnStartup.NEVER))) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			asked.await();
			app.engine.unregister(app.database().name(), Duration.ofMillis(300));
			Map<Path, String> before = content(path().resolveSibling(".app.db-litestream"));
			answered.countDown();
			used.await();
			await().atMost(Application.LONG)
				.until(() -> Thread.getAllStackTraces().values().stream().noneMatch(UPLOADS));
			assertThat(content(path().resolveSibling(".app.db-litestream"))).isEqualTo(before);
		}
	}

	private static final Predicate<StackTraceElement[]> UPLOADS = (frames) -> Stream.of(frames)
		.anyMatch((frame) -> frame.getClassName().endsWith(".UploadLoop"));

	private static Map<Path, String> content(Path directory) throws IOException {
		Map<Path, String> content = new TreeMap<>();
		try (Stream<Path> files = Files.walk(directory)) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				content.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
			}
		}
		return content;
	}

	@ParameterizedTest
	@Hazard("F5")
	@Hazard("F6")
	@EnumSource
	void anyOrderOfClosingKeepsTheWalAndTheHistory(Order order) throws Exception {
		for (int start = 0; start < 3; start++) {
			Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path());
			try {
				LitestreamEngine engine = engine(Duration.ofMillis(50));
				engine.databases().get(0).prepare(connection);
				engine.start();
				Application.execute(connection, "CREATE TABLE IF NOT EXISTS t(v)", "INSERT INTO t VALUES(1)");
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				assertThat(engine.databases().get(0).status().counters().resyncs()).isEqualTo((start == 0) ? 1 : 0);
				Application.execute(connection, "INSERT INTO t VALUES('last')");
				switch (order) {
					case ENGINE_FIRST -> engine.close();
					case CONNECTION_FIRST -> {
						connection.close();
						engine.close();
					}
					case STOP_CONNECTION_CLOSE -> {
						engine.stop();
						Application.execute(connection, "INSERT INTO t VALUES('after stop')");
						connection.close();
						engine.close();
					}
				}
			}
			finally {
				connection.close();
			}
			if (order != Order.ENGINE_FIRST) {
				assertThat(path().resolveSibling("app.db-wal")).isNotEmptyFile();
			}
			else {
				// Closing the last connection removed the WAL, as it does without us.
				break;
			}
		}
		requireEqual();
	}

	enum Order {

		ENGINE_FIRST, CONNECTION_FIRST, STOP_CONNECTION_CLOSE

	}

	@ParameterizedTest
	@Hazard("F5")
	@ValueSource(booleans = { true, false })
	void whatIsWrittenJustBeforeTheEndIsReplicated(boolean signalled) throws Exception {
		try (LitestreamEngine engine = engine(Duration.ofHours(1));
				Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			if (signalled) {
				engine.databases().get(0).prepare(connection);
			}
			Application.execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE t(v)");
			engine.start();
			Application.execute(connection, "INSERT INTO t VALUES('a moment before the end')");
			engine.stop();
			Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
		}
	}

	@ParameterizedTest
	@Hazard("F5")
	@ValueSource(booleans = { true, false })
	@Timeout(value = 30, unit = TimeUnit.SECONDS)
	void databaseThatWasNeverWrittenDelaysNothing(boolean opened) throws Exception {
		try (LitestreamEngine engine = engine(Duration.ofMillis(10))) {
			engine.start();
			if (opened) {
				Files.createFile(path());
			}
			await().atMost(Application.LONG)
				.until(() -> engine.databases().get(0).status().state() == ReplicationState.WAITING_FOR_DATABASE);
			engine.stop();
		}
		assertThat(this.directory.resolve("replica/ltx")).doesNotExist();
	}

	@Test
	@Hazard("F5")
	void databaseThatAppearsLaterIsReplicated() throws Exception {
		try (LitestreamEngine engine = engine(Duration.ofMillis(10))) {
			engine.start();
			await().atMost(Application.LONG)
				.until(() -> engine.databases().get(0).status().state() == ReplicationState.WAITING_FOR_DATABASE);
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
				Application.execute(connection, "CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
				await().atMost(Application.LONG)
					.until(() -> engine.databases().get(0).status().state() == ReplicationState.REPLICATING);
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
			}
		}
	}

	@Test
	@Hazard("F5")
	void stoppedEngineGoesOnWhereItStopped() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			for (int i = 0; i < 3; i++) {
				app.engine.stop();
				// The lock is held: what was not synced cannot be taken away.
				app.execute("PRAGMA busy_timeout=20", "INSERT INTO t VALUES('while stopped')",
						"PRAGMA wal_checkpoint(TRUNCATE)", "INSERT INTO t VALUES('after a checkpoint')");
				app.engine.start();
				app.requireReplicaEqual();
			}
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("F5")
	@Hazard("G3")
	void closedEngineHoldsNothing() throws Exception {
		LockWatch locks = LockWatch.of(path());
		for (int i = 0; i < 40; i++) {
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
				Application.execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE IF NOT EXISTS t(v)");
			}
			try (LitestreamEngine engine = engine(Duration.ofNanos(100_000 + i))) {
				engine.start();
				if (i % 2 == 0) {
					engine.databases().get(0).sync(Application.LONG);
				}
				engine.databases().get(0).signalCommit();
			}
			await().atMost(Application.LONG).until(() -> locks.database().isEmpty() && locks.sharedMemory().isEmpty());
		}
	}

	@Test
	@Hazard("F4")
	@Hazard("F5")
	void closeDuringACheckpointEnds() throws Exception {
		// Not closed if the test fails: that would wait for ever.
		Application app = new Application(this.directory,
				(o) -> o.minCheckpointPages(1).syncInterval(Duration.ofMillis(20)).busyTimeout(Duration.ofSeconds(30)));
		app.execute("CREATE TABLE t(v)");
		app.sync();
		Connection writer = app.connect();
		await().atMost(Application.LONG).until(() -> {
			app.execute("INSERT INTO t VALUES(1)");
			return app.status().counters().checkpoints() > 0;
		});
		// The next one does not follow at once.
		app.execute("INSERT INTO t VALUES(1)");
		Application.execute(writer, "BEGIN IMMEDIATE");
		await().atMost(Application.LONG).until(() -> isAnyThreadIn("underWriteLock"));
		// A checkpoint waits for the write lock, we for the checkpoint.
		Thread close = new Thread(app.engine::close);
		close.setDaemon(true);
		close.start();
		await().atMost(Application.LONG).until(() -> close.getState() == Thread.State.BLOCKED);
		Application.execute(writer, "ROLLBACK");
		writer.close();
		close.join(Application.LONG.toMillis());
		assertThat(close.isAlive()).as("still closing").isFalse();
		app.close();
	}

	private static boolean isAnyThreadIn(String method) {
		return Thread.getAllStackTraces()
			.values()
			.stream()
			.flatMap(Arrays::stream)
			.anyMatch((frame) -> frame.getMethodName().equals(method));
	}

	@Test
	@Hazard("F1")
	void spoolThatCannotBeUsedStopsTheStart() throws Exception {
		Files.createFile(path().resolveSibling(".app.db-litestream"));
		try (LitestreamEngine engine = engine(Duration.ofMillis(10))) {
			assertThatExceptionOfType(LitestreamException.class).isThrownBy(engine::start)
				.withMessageContaining("The local spool of " + path())
				.withMessageContaining("needs write access");
		}
	}

	@Test
	@Hazard("F1")
	@Hazard("C7")
	void spoolThatGoesAwayIsReportedAndUsedAgain() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofMillis(20)))) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			Path away = app.spool().resolveSibling("away");
			Files.move(app.spool(), away);
			Files.createFile(app.spool());
			await().atMost(Application.LONG).untilAsserted(() -> {
				app.execute("INSERT INTO t VALUES('cannot be spooled')");
				assertThat(app.status().counters().syncErrors()).isGreaterThan(2);
				assertThat(app.status().lastError()).contains("cannot be synced").contains(".app.db-litestream");
			});
			Files.delete(app.spool());
			Files.move(away, app.spool());
			app.requireReplicaEqual();
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICATING);
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("F1")
	@Hazard("A1")
	void framesStayInTheWalWhileNeitherSpoolNorReplicaHasThem() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, replica,
				(o) -> o.syncInterval(Duration.ofMillis(20)).minCheckpointPages(10))) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			replica.shut();
			Path away = app.spool().resolveSibling("away");
			Files.move(app.spool(), away);
			Files.createFile(app.spool());
			long checkpoints = app.status().counters().checkpoints();
			for (int i = 0; i < 40; i++) {
				app.execute("INSERT INTO t VALUES(randomblob(60000))");
			}
			await().atMost(Application.LONG).until(() -> app.status().counters().syncErrors() > 0);
			await().during(Duration.ofSeconds(1))
				.atMost(Application.LONG)
				.until(() -> app.status().counters().checkpoints() == checkpoints);
			assertThat(Files.size(app.wal())).isGreaterThan(40 * 60_000);
			Files.delete(app.spool());
			Files.move(away, app.spool());
			replica.unshut();
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	private Path path() throws Exception {
		Path path = this.directory.resolve("data").resolve("app.db");
		Files.createDirectories(path.getParent());
		return path;
	}

	private LitestreamEngine engine(Duration syncInterval) throws Exception {
		return LitestreamEngine.builder()
			.database(DatabaseOptions.of(path())
				.syncInterval(syncInterval)
				.shutdownSyncTimeout(Duration.ofMinutes(5))
				.build(), new FileReplicaClient(this.directory.resolve("replica")))
			.build();
	}

	private void requireEqual() throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
		}
	}

}
