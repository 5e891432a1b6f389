package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.litestream.LitestreamException;
import dev.litestream.LtxFile;
import dev.litestream.ReplicaOperation;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreTarget;
import dev.litestream.SnapshotResult;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.Databases;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What an operator asks of a database while it is replicated.
 */
@Timeout(120)
class FacadeTests {

	@TempDir
	Path directory;

	@Test
	void nothingIsReplicatedBeforeTheFirstFileIsThere() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		replica.stall();
		try (Application app = new Application(this.directory, replica, (options) -> {
		})) {
			app.execute("CREATE TABLE t(v)");
			await().atMost(Application.LONG).until(() -> app.status().counters().resyncs() == 1);
			assertThat(app.status().state()).isEqualTo(ReplicationState.STARTING);
			replica.goOn();
			app.sync();
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICATING);
		}
	}

	@Test
	void snapshotHoldsWhatWasCommittedBeforeTheCallAndIsListed() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
			app.execute("INSERT INTO t VALUES(randomblob(9000))");
			Instant before = Instant.now();
			SnapshotResult snapshot = app.database().snapshot(Application.LONG);
			assertThat(snapshot.txid()).isEqualTo(app.status().replicatedTxid());
			assertThat(snapshot.timestamp()).isAfter(before.minusSeconds(60));
			List<LtxFile> files = app.database().ltxFiles();
			assertThat(files).filteredOn((file) -> file.level() == 9).singleElement().satisfies((file) -> {
				assertThat(file.minTxid()).isEqualTo(Txid.FIRST);
				assertThat(file.maxTxid()).isEqualTo(snapshot.txid());
				assertThat(file.size()).isEqualTo(snapshot.size()).isGreaterThan(18_000);
				assertThat(file.name()).isEqualTo(file.minTxid() + "-" + file.maxTxid() + ".ltx");
				assertThat(file.createdAt()).isEqualTo(snapshot.timestamp());
			});
			assertThat(files.get(0).level()).isZero();
			assertThat(app.status().levels().levels()).last().satisfies((level) -> {
				assertThat(level.level()).isEqualTo(9);
				assertThat(level.files()).isEqualTo(1);
			});
			Path copy = this.directory.resolve("copy.db");
			app.database().restoreTo(copy, RestoreTarget.of(snapshot.txid()));
			assertThat(Databases.integrity(copy)).isEqualTo("ok");
			app.requireReplicaEqual();
		}
	}

	@Test
	void snapshotOfAPositionThatHasOneWritesNothing() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			SnapshotResult first = app.database().snapshot(Application.LONG);
			SnapshotResult second = app.database().snapshot(Application.LONG);
			assertThat(second.txid()).isEqualTo(first.txid());
			assertThat(second.size()).isEqualTo(first.size());
			assertThat(app.database().ltxFiles()).filteredOn((file) -> file.level() == 9).hasSize(1);
		}
	}

	@Test
	void snapshotIsRefusedWhileTheReplicaIsAwayAndSaysWhy() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, replica, (options) -> {
		})) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			replica.shut();
			app.execute("INSERT INTO t VALUES(1)");
			assertThatExceptionOfType(LitestreamException.class)
				.isThrownBy(() -> app.database().snapshot(Duration.ofMillis(300)))
				.withMessageContaining("No snapshot of 'app.db' was written")
				.withMessageContaining("REPLICA_UNAVAILABLE")
				.withMessageContaining("cut off");
			replica.unshut();
			assertThat(app.database().snapshot(Application.LONG).txid()).isEqualTo(app.status().txid());
		}
	}

	@Test
	void snapshotOfAStoppedDatabaseIsRefused() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			app.engine.stop();
			assertThatExceptionOfType(LitestreamException.class)
				.isThrownBy(() -> app.database().snapshot(Application.LONG))
				.withMessageContaining("STOPPED");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "app.db", "app.db-wal", "app.db-shm", "app.db-journal", ".app.db-litestream/copy.db",
			"../data/app.db-journal" })
	void restoreNeverWritesWhatBelongsToADatabase(String name) throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			Path file = app.path().resolveSibling(name);
			assertThatExceptionOfType(RestoreFailedException.class)
				.isThrownBy(() -> app.database().restoreTo(file, RestoreTarget.LATEST))
				.withMessageContaining("belongs to a replicated database");
			assertThat(Files.exists(app.path().resolveSibling("app.db-journal"))).isFalse();
			app.requireReplicaEqual();
		}
	}

	@Test
	void databaseThatWasRestoredAtTheStartKnowsIt() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			assertThat(app.database().startupRestore()).isNull();
		}
		Files.move(this.directory.resolve("data"), this.directory.resolve("lost"));
		try (Application app = new Application(this.directory)) {
			assertThat(app.database().startupRestore()).isNotNull()
				.satisfies((result) -> assertThat(result.path()).isEqualTo(app.path()));
		}
	}

	@Test
	void operationsOfTheReplicaAreCounted() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, replica, (options) -> {
		})) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			RestorePoints points = app.database().restorePoints();
			app.database().restoreTo(this.directory.resolve("copy.db"), RestoreTarget.LATEST);
			ReplicatedDatabase database = app.database();
			assertThat(database.replicaType()).isEqualTo("file");
			assertThat(operation(database, "PUT").succeeded()).isEqualTo(app.status().counters().objects());
			assertThat(operation(database, "PUT").bytes()).isEqualTo(app.status().counters().objectBytes());
			assertThat(operation(database, "GET").succeeded()).isEqualTo(points.all().size());
			assertThat(operation(database, "GET").bytes()).isEqualTo(operation(database, "PUT").bytes());
			assertThat(operation(database, "LIST").succeeded()).isPositive();
			assertThat(operation(database, "LIST").succeededIn()).isPositive();
			assertThat(operation(database, "PUT").failed()).isZero();
			replica.shut();
			app.execute("INSERT INTO t VALUES(1)");
			await().until(() -> operation(database, "PUT").failed() > 0);
			assertThat(operation(database, "PUT").failedIn()).isPositive();
			replica.unshut();
		}
	}

	private static ReplicaOperation operation(ReplicatedDatabase database, String name) {
		return database.replicaOperations()
			.stream()
			.filter((operation) -> operation.name().equals(name))
			.findFirst()
			.orElseThrow();
	}

}
