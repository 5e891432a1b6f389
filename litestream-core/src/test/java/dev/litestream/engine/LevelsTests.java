package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.LevelOptions;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.compaction.FaultyReplica;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Compactions, snapshots and retention beside a running application.
 */
class LevelsTests {

	private static final LevelOptions QUICK = new LevelOptions(List.of(Duration.ofMillis(200), Duration.ofMillis(600)),
			Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofMillis(300), Duration.ofMillis(100), true);

	@TempDir
	Path directory;

	/** That of the application started last. */
	private FaultyReplica replica;

	private Application start(LevelOptions levels) throws Exception {
		this.replica = new FaultyReplica(new FileReplicaClient(this.directory.resolve("replica")));
		Consumer<DatabaseOptions.Builder> customizer = (options) -> options.levels(levels)
			.syncInterval(Duration.ofMillis(50))
			.checkpointInterval(Duration.ofMillis(500));
		return new Application(this.directory, this.replica, customizer);
	}

	private static void insert(Application app, int count) throws Exception {
		for (int i = 0; i < count; i++) {
			app.execute("INSERT INTO t VALUES(randomblob(2000))");
			app.sync();
		}
	}

	private List<LtxFileInfo> files(int level) throws IOException {
		try (FileReplicaClient client = new FileReplicaClient(this.directory.resolve("replica"))) {
			client.open();
			return client.list(level).files();
		}
	}

	private void awaitCompacted(Application app) {
		await().atMost(Application.LONG)
			.until(() -> !files(2).isEmpty() && !files(9).isEmpty() && files(0).size() == 1
					&& files(2).get(files(2).size() - 1).maxTxid().equals(app.status().txid())
					&& files(9).get(files(9).size() - 1).maxTxid().equals(app.status().txid()));
	}

	@Test
	void whatWasCompactedAndExpiredRestoresAndThenNothingIsAsked() throws Exception {
		try (Application app = start(QUICK)) {
			app.execute("CREATE TABLE t(v)");
			insert(app, 20);
			awaitCompacted(app);
			app.requireReplicaEqual();
			assertThat(app.status().levels().levels()).extracting((level) -> level.level()).containsExactly(0, 1, 2, 9);
			assertThat(app.status().levels().levels()).allMatch((level) -> level.errors() == 0);
			assertThat(app.status().levels().levels().get(0).deletes()).isPositive();
			int requests = this.replica.requests();
			long txid = app.status().txid().value();
			// several boundaries of all levels
			await().during(Duration.ofSeconds(2)).until(() -> app.status().txid().value() == txid);
			assertThat(this.replica.requests()).isEqualTo(requests);
		}
	}

	@Test
	@Hazard("C1")
	void theHistoryGoesOnAfterItsRawFilesWereCompactedAway() throws Exception {
		Txid end;
		try (Application app = start(QUICK)) {
			app.execute("CREATE TABLE t(v)");
			insert(app, 10);
			awaitCompacted(app);
			end = app.status().txid();
		}
		try (Application app = start(QUICK)) {
			insert(app, 3);
			app.requireReplicaEqual();
			assertThat(app.status().txid()).isGreaterThanOrEqualTo(new Txid(end.value() + 3));
			assertThat(app.status().counters().resyncs()).isZero();
		}
		// and once more with nothing at hand but compacted files
		ReplicationTests.deleteRecursively(this.directory.resolve("data/.app.db-litestream"));
		ReplicationTests.deleteRecursively(this.directory.resolve("replica/ltx/0"));
		await().atMost(Application.LONG).until(() -> Files.notExists(this.directory.resolve("replica/ltx/0")));
		try (Application app = start(QUICK)) {
			insert(app, 3);
			app.requireReplicaEqual();
			assertThat(app.status().txid()).isGreaterThan(end);
		}
	}

	/**
	 * Merged with our own files, they would stand for TXIDs that we have not written yet,
	 * and those would be deleted.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2, 9 })
	@Hazard("C4")
	void filesOfAnotherWriterAheadOfUsEndReplication(int level) throws Exception {
		try (Application app = start(QUICK)) {
			app.execute("CREATE TABLE t(v)");
			insert(app, 5);
			awaitCompacted(app);
			long end = app.status().txid().value();
			String foreign = LtxFileName.of((level == 9) ? Txid.FIRST : new Txid(end + 1), new Txid(end + 4));
			LtxFileInfo source = files(0).get(0);
			Files.copy(this.directory.resolve("replica/ltx/0").resolve(source.fileName()),
					this.directory.resolve("replica/ltx/" + level).resolve(foreign));
			// Our own position passes it by.
			for (int i = 0; i < 6; i++) {
				app.execute("INSERT INTO t VALUES(randomblob(2000))");
				app.database().sync(Duration.ofSeconds(5));
			}
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains("Another writer uses the replica", level + "/" + foreign,
					"Move the files that it has written out of the replica");
			List<LtxFileInfo> left = files(level);
			assertThat(left).extracting(LtxFileInfo::fileName).contains(foreign);
		}
	}

	/** Whoever lists the files sees them first. */
	@Test
	@Hazard("C4")
	void filesOfAnotherWriterAreNoticedByAListingOfAnIdleDatabase() throws Exception {
		try (Application app = start(LevelOptions.DEFAULTS)) {
			app.execute("CREATE TABLE t(v)");
			insert(app, 2);
			assertThat(app.database().ltxFiles()).isNotEmpty();
			Txid next = app.status().txid().next();
			LtxFileInfo source = files(0).get(0);
			Files.copy(this.directory.resolve("replica/ltx/0").resolve(source.fileName()),
					this.directory.resolve("replica/ltx/0").resolve(LtxFileName.of(next, next)));
			assertThat(app.database().ltxFiles()).isNotEmpty();
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains("Another application replicates there");
		}
	}

	@Test
	@Hazard("D6")
	void aGapIsBridgedByASnapshot() throws Exception {
		LevelOptions slow = new LevelOptions(List.of(Duration.ofSeconds(1), Duration.ofSeconds(20)),
				Duration.ofHours(24), Duration.ofHours(24), Duration.ofMinutes(5), Duration.ofSeconds(1), true);
		try (Application app = start(slow)) {
			app.execute("CREATE TABLE t(v)");
			insert(app, 6);
			List<LtxFileInfo> raw = files(0);
			LtxFileInfo lost = raw.get(raw.size() - 3);
			Files.delete(this.directory.resolve("replica/ltx/0").resolve(lost.fileName()));
			await().atMost(Application.LONG).until(() -> {
				deleteCompacted(lost.maxTxid());
				insert(app, 1);
				return app.status().counters().lastResync() == ResyncReason.REPLICA_BEHIND;
			});
			await().atMost(Application.LONG).until(() -> !files(9).isEmpty());
			app.requireReplicaEqual();
		}
	}

	/** A compaction may have been faster than the test, or be under way. */
	private void deleteCompacted(Txid txid) throws IOException {
		try (FileReplicaClient client = new FileReplicaClient(this.directory.resolve("replica"))) {
			client.open();
			for (int level = 1; level <= 2; level++) {
				client.delete(client.list(level)
					.files()
					.stream()
					.filter((file) -> !file.minTxid().isAfter(txid) && !file.maxTxid().isBefore(txid))
					.toList());
			}
		}
	}

	@Test
	@Hazard("D3")
	@Hazard("D13")
	void theSpoolIsCleanedWhateverHappensToTheReplica() throws Exception {
		LevelOptions keeping = new LevelOptions(QUICK.intervals(), QUICK.snapshotInterval(), QUICK.snapshotRetention(),
				QUICK.l0Retention(), QUICK.l0RetentionCheckInterval(), false);
		for (int run = 0; run < 3; run++) {
			try (Application app = start(keeping)) {
				app.execute("CREATE TABLE IF NOT EXISTS t(v)");
				insert(app, 6);
			}
			assertThat(this.replica.deleted).isEmpty();
		}
		assertThat(spooled()).as("only what proves continuity").isEqualTo(1);
		try (Application app = start(keeping)) {
			app.sync();
			assertThat(app.status().counters().resyncs()).isZero();
		}
		assertThat(this.replica.deleted).isEmpty();
		assertThat(files(0)).hasSizeGreaterThanOrEqualTo(18);
	}

	private long spooled() throws IOException {
		try (Stream<Path> files = Files.list(this.directory.resolve("data/.app.db-litestream/ltx/0"))) {
			return files.count();
		}
	}

	@Test
	void nothingIsCompactedWhileTheReplicaIsAway() throws Exception {
		LevelOptions slower = new LevelOptions(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)),
				Duration.ofSeconds(2), Duration.ofHours(1), Duration.ofMillis(300), Duration.ofMillis(100), true);
		try (Application app = start(slower)) {
			app.execute("CREATE TABLE t(v)");
			insert(app, 3);
			this.replica.listing = (complete) -> {
				throw new ReplicaUnavailableException("Cut off");
			};
			this.replica.writing = (file, in) -> {
				throw new ReplicaUnavailableException("Cut off");
			};
			app.execute("INSERT INTO t VALUES(1)");
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			long errors = errors(app);
			// boundaries of all levels pass
			await().during(Duration.ofSeconds(3)).until(() -> errors(app) == errors);
			this.replica.listing = (complete) -> complete;
			this.replica.writing = (file, in) -> in;
			awaitCompacted(app);
			app.requireReplicaEqual();
		}
	}

	private static long errors(Application app) {
		return app.status().levels().levels().stream().mapToLong((level) -> level.errors()).sum();
	}

	@Test
	void aCompactionThatHangsBlocksNeitherCommitsNorUploads() throws Exception {
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		try (Application app = start(QUICK)) {
			this.replica.writing = (file, in) -> {
				if (file.level() > 0) {
					hanging.countDown();
					awaitUninterruptibly(release);
				}
				return in;
			};
			app.execute("CREATE TABLE t(v)");
			insert(app, 3);
			assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
			insert(app, 20);
			assertThat(app.status().counters().checkpointErrors()).isZero();
			release.countDown();
			awaitCompacted(app);
			app.requireReplicaEqual();
		}
		finally {
			release.countDown();
		}
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			latch.await(60, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
