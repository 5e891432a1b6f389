package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.litestream.DatabaseOptions;
import dev.litestream.LtxFile;
import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationEvent.LagExceeded;
import dev.litestream.ReplicationEvent.LagRecovered;
import dev.litestream.ReplicationEvent.LevelCompacted;
import dev.litestream.ReplicationEvent.ReplicaBack;
import dev.litestream.ReplicationEvent.ReplicaLost;
import dev.litestream.ReplicationEvent.ReplicationStarted;
import dev.litestream.ReplicationEvent.SnapshotWritten;
import dev.litestream.ReplicationListener;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * What listeners are told, each from the situation that it stands for.
 */
@Timeout(120)
class ListenerTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	@TempDir
	Path directory;

	private Path file;

	private GatedReplica replica;

	private final List<String> told = new CopyOnWriteArrayList<>();

	@BeforeEach
	void prepare() throws Exception {
		this.file = Files.createDirectories(this.directory.resolve("data")).resolve("app.db");
		this.replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
	}

	@Test
	void startLagLossAndReturn() throws Exception {
		try (LitestreamEngine engine = engine(); Connection connection = connect()) {
			ReplicatedDatabase database = start(engine, connection);
			this.replica.shut();
			Application.execute(connection, "INSERT INTO t VALUES(1)");
			await().atMost(LONG)
				.until(() -> this.told.contains("lost app.db") && this.told.contains("lag of app.db over PT0.2S"));
			assertThat(this.told).startsWith("app.db started").doesNotContain("recovered app.db");
			this.replica.unshut();
			assertThat(database.sync(LONG)).isTrue();
			await().atMost(LONG)
				.until(() -> this.told.contains("back app.db") && this.told.contains("recovered app.db"));
			assertThat(this.told).doesNotHaveDuplicates();
		}
	}

	@Test
	void replicaThatIsAwayAtTheStartMakesItStartLater() throws Exception {
		this.replica.shut();
		try (LitestreamEngine engine = engine(); Connection connection = connect()) {
			Application.execute(connection, "CREATE TABLE t(v)");
			engine.start();
			await().atMost(LONG).until(() -> this.told.contains("lost app.db"));
			assertThat(this.told).doesNotContain("app.db started");
			this.replica.unshut();
			assertThat(engine.databases().get(0).sync(LONG)).isTrue();
			await().atMost(LONG).until(() -> this.told.contains("back app.db"));
			assertThat(this.told).containsOnlyOnce("app.db started");
		}
	}

	@Test
	void snapshotIsToldAndOperationsAreWatchedFromBeginningToEnd() throws Exception {
		try (LitestreamEngine engine = engine(); Connection connection = connect()) {
			ReplicatedDatabase database = start(engine, connection);
			Txid txid = database.snapshot(LONG).txid();
			assertThat(this.told).containsSubsequence("app.db SNAPSHOT", "end SNAPSHOT SUCCEEDED null",
					"app.db wrote 9 up to " + txid);
			database.snapshot(LONG);
			assertThat(this.told).containsSubsequence("app.db SNAPSHOT", "app.db SNAPSHOT", "end SNAPSHOT SKIPPED null")
				.containsOnlyOnce("app.db wrote 9 up to " + txid);
			database.verify();
			assertThat(this.told).containsSubsequence("app.db VERIFICATION", "end VERIFICATION SUCCEEDED null");
			Path copy = this.directory.resolve("copy.db");
			database.restoreTo(copy, RestoreTarget.LATEST);
			assertThat(this.told).containsSubsequence("app.db RESTORE", "end RESTORE SUCCEEDED null");
			assertThatExceptionOfType(RestoreFailedException.class)
				.isThrownBy(() -> database.restoreTo(copy, RestoreTarget.LATEST));
			assertThat(this.told)
				.anyMatch((line) -> line.startsWith("end RESTORE FAILED java.nio.file.FileAlreadyExistsException"));
		}
	}

	@Test
	void listenerThatThrowsHarmsNeitherTheOthersNorReplication() throws Exception {
		ReplicationListener broken = new ReplicationListener() {

			@Override
			public void onEvent(ReplicationEvent event) {
				throw new IllegalStateException("broken");
			}

			@Override
			public OperationEnd begun(String database, Operation operation) {
				return (outcome, failure) -> {
					throw new IllegalStateException("broken");
				};
			}

		};
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.listener(broken)
			.database(DatabaseOptions.of(this.file).build(), this.replica)
			.listener(new Recorder())
			.build(); Connection connection = connect()) {
			ReplicatedDatabase database = start(engine, connection);
			database.snapshot(LONG);
			assertThat(this.told).contains("app.db started", "end SNAPSHOT SUCCEEDED null");
		}
	}

	@Test
	void lagHasToBePositive() {
		assertThatIllegalArgumentException().isThrownBy(() -> LitestreamEngine.builder().maxLag(Duration.ZERO))
			.withMessageContaining("litestream.health.max-lag must be greater than 0");
	}

	private ReplicatedDatabase start(LitestreamEngine engine, Connection connection) throws Exception {
		Application.execute(connection, "CREATE TABLE t(v)");
		ReplicatedDatabase database = engine.databases().get(0);
		database.prepare(connection);
		engine.start();
		assertThat(database.sync(LONG)).isTrue();
		return database;
	}

	private Connection connect() throws Exception {
		return DriverManager.getConnection("jdbc:sqlite:" + this.file);
	}

	private LitestreamEngine engine() {
		return LitestreamEngine.builder()
			.database(DatabaseOptions.of(this.file).build(), this.replica)
			.maxLag(Duration.ofMillis(200))
			.listener(new Recorder())
			.build();
	}

	private final class Recorder implements ReplicationListener {

		private void add(String line) {
			ListenerTests.this.told.add(line);
		}

		@Override
		public void onEvent(ReplicationEvent event) {
			if (event instanceof ReplicationStarted) {
				add(event.database() + " started");
			}
			else if (event instanceof LagExceeded exceeded) {
				assertThat(exceeded.lag()).isGreaterThan(exceeded.maxLag());
				add("lag of " + event.database() + " over " + exceeded.maxLag());
			}
			else if (event instanceof LagRecovered) {
				add("recovered " + event.database());
			}
			else if (event instanceof ReplicaLost) {
				add("lost " + event.database());
			}
			else if (event instanceof ReplicaBack) {
				add("back " + event.database());
			}
			else if (event instanceof LevelCompacted compacted) {
				add(event.database() + wrote(compacted.file()));
			}
			else if (event instanceof SnapshotWritten snapshot) {
				add(event.database() + wrote(snapshot.file()));
			}
		}

		private static String wrote(LtxFile file) {
			return " wrote " + file.level() + " up to " + file.maxTxid();
		}

		@Override
		public OperationEnd begun(String database, Operation operation) {
			Thread thread = Thread.currentThread();
			add(database + " " + operation);
			return (outcome, failure) -> {
				assertThat(Thread.currentThread()).isSameAs(thread);
				add("end " + operation + " " + outcome + " " + failure);
			};
		}

	}

}
