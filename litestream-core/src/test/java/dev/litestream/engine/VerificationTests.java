package dev.litestream.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.LevelOptions;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.Hazard;
import dev.litestream.test.LockWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.Collation;
import org.sqlite.Function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Whether a backup is proved good, and found bad when it is.
 */
@Timeout(120)
class VerificationTests {

	@TempDir
	Path directory;

	@Test
	void newestStateIsProvedPageByPage() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
			assertThat(app.status().verification()).isEqualTo(VerificationStatus.NONE);
			VerificationResult result = app.database().verify();
			assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.VERIFIED);
			assertThat(result.compared()).isTrue();
			assertThat(result.newest()).isTrue();
			assertThat(result.txid()).isEqualTo(app.status().replicatedTxid());
			assertThat(result.detail()).contains("all 4 pages are those of the database");
			VerificationStatus status = app.status().verification();
			assertThat(status.last()).isEqualTo(result);
			assertThat(status.lastVerified()).isEqualTo(result);
			assertThat(status.failure()).isNull();
			assertThat(status.verified()).isEqualTo(1);
			assertThat(app.query("SELECT count(*) FROM sqlite_schema")).as("the application's schema").isEqualTo(1);
			assertNothingIsLeft(app);
		}
	}

	@Test
	@Hazard("G1")
	void comparisonHoldsWhileTheApplicationWorksAndCheckpoints() throws Exception {
		AtomicBoolean stop = new AtomicBoolean();
		// Without a bound, the longer a verification takes the more files the next one
		// has
		// to restore.
		Semaphore turns = new Semaphore(0);
		try (Application app = app((o) -> o.minCheckpointPages(20).checkpointInterval(Duration.ofMillis(50)))) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			app.sync();
			CompletableFuture<Void> work = CompletableFuture.runAsync(() -> work(app, turns, stop));
			for (int i = 0; i < 15; i++) {
				turns.release(100);
				VerificationResult result = app.database().verify();
				assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.VERIFIED);
				assertThat(result.compared()).isTrue();
				assertThat(LockWatch.of(app.path()).isIntact()).as("the application's locks").isTrue();
			}
			stop.set(true);
			turns.release();
			work.join();
			assertThat(app.status().counters().checkpoints()).isPositive();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
			app.requireReplicaEqual();
		}
		finally {
			stop.set(true);
			turns.release();
		}
	}

	private static void work(Application app, Semaphore turns, AtomicBoolean stop) {
		try (Connection connection = app.connect()) {
			Application.execute(connection, "PRAGMA busy_timeout=20000");
			for (int i = 0; !stop.get(); i++) {
				turns.acquire();
				Application.execute(connection, "INSERT INTO t(v) VALUES(randomblob(" + (i % 50) * 300 + "))",
						"DELETE FROM t WHERE id % 3 = " + i % 3 + " AND id < " + (i - 100));
				if (i % 200 == 150) {
					Application.execute(connection, "VACUUM");
				}
				if (i % 37 == 0) {
					Application.execute(connection, "PRAGMA wal_checkpoint(PASSIVE)");
				}
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void differenceThatSqliteCannotSeeIsFoundAndToldUntilItIsDecided() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES('a text that SQLite does not know')");
			app.sync();
			Path newest = newest(app.replica());
			byte[] good = Files.readAllBytes(newest);
			Files.write(newest, withOtherText(newest));
			Txid txid = app.status().txid();
			VerificationResult result = app.database().verify();
			assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.FAILED);
			assertThat(result.detail()).contains("differs from the database at TXID " + txid)
				.contains("1 of its 2 pages differ: 2.")
				.contains("acceptDatabase()");
			assertThat(app.status().verification().failure()).isEqualTo(result);
			assertThat(app.status().verification().lastVerified()).isNull();
			assertNothingIsLeft(app);
			Files.write(newest, good);
			// What is the same now may have been overwritten on either side.
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.FAILED);
			assertThat(app.database().acceptDatabase()).isTrue();
			app.sync();
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.VERIFIED);
			assertThat(app.status().verification().failure()).isNull();
			assertThat(app.status().verification().failed()).isEqualTo(2);
		}
	}

	@Test
	void fileThatIsDamagedOrMissingFailsTheVerification() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
			Path newest = newest(app.replica());
			Files.write(newest, new byte[(int) Files.size(newest)]);
			VerificationResult damaged = app.database().verify();
			assertThat(damaged.outcome()).isEqualTo(VerificationOutcome.FAILED);
			assertRepaired(app, 1);
			app.execute("INSERT INTO t VALUES(2)");
			app.sync();
			Files.delete(newest(app.replica()));
			VerificationResult missing = app.database().verify();
			assertThat(missing.outcome()).isEqualTo(VerificationOutcome.FAILED);
			assertThat(missing.detail()).containsAnyOf("holds it no more", "holds no backup");
			assertThat(app.status().verification().failed()).isEqualTo(2);
			assertNothingIsLeft(app);
			assertRepaired(app, 2);
		}
	}

	/** A file that levels were merged into has no other that holds the same. */
	@Test
	void mergedFileThatRotsLaterIsReplacedByTheDatabase() throws Exception {
		LevelOptions levels = new LevelOptions(List.of(Duration.ofMillis(200)), Duration.ofHours(24),
				Duration.ofHours(24), Duration.ofMillis(100), Duration.ofMillis(100), true);
		try (Application app = app((options) -> options.levels(levels))) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			app.execute("INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
			Path merged = app.replica().resolve("ltx/1");
			await().atMost(Application.LONG).until(() -> Files.isDirectory(merged) && merged(merged).isPresent());
			Path rotten = merged(merged).orElseThrow();
			await().atMost(Application.LONG).until(() -> count(app.replica().resolve("ltx/0")) == 1);
			byte[] content = Files.readAllBytes(rotten);
			content[content.length / 2] ^= 1;
			Files.write(rotten, content);
			app.execute("INSERT INTO t VALUES(2)");
			app.sync();
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.FAILED);
			assertRepaired(app, 1);
			app.requireReplicaEqual();
		}
	}

	/** The levels have to go on behind the replacement, which is a snapshot. */
	@Test
	void rawFileThatRotsBeforeItIsMergedKeepsNothingFromBeingMergedAndDeleted() throws Exception {
		LevelOptions levels = new LevelOptions(List.of(Duration.ofMillis(200)), Duration.ofHours(24),
				Duration.ofHours(24), Duration.ofMillis(100), Duration.ofMillis(100), true);
		Path rotten;
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			rotten = newest(app.replica());
			app.execute("INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
			Files.write(rotten, new byte[(int) Files.size(rotten)]);
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.FAILED);
			assertRepaired(app, 1);
		}
		try (Application app = app((options) -> options.levels(levels))) {
			for (int i = 0; i < 3; i++) {
				app.execute("INSERT INTO t VALUES(" + i + ")");
				app.sync();
			}
			await().atMost(Application.LONG).until(() -> Files.isDirectory(app.replica().resolve("ltx/1")));
			// The rotten one, the two behind it that are in the snapshot, and the newest.
			await().atMost(Application.LONG).until(() -> count(app.replica().resolve("ltx/0")) == 4);
			assertThat(app.status().levels().levels().get(1).lastError()).isNull();
			app.requireReplicaEqual();
		}
	}

	@Test
	void replacementThatWaitsForTheReplicaAtTheEndIsSentByTheNextStart() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, replica,
				(options) -> options.shutdownSyncTimeout(Duration.ofMillis(100)))) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
			Path first = newest(app.replica());
			app.execute("INSERT INTO t VALUES(1)");
			app.sync();
			Files.write(first, new byte[(int) Files.size(first)]);
			replica.refuse("The bucket is full");
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.FAILED);
			await().atMost(Application.LONG).until(() -> app.status().counters().resyncs() == 2);
			await().atMost(Application.LONG).until(() -> app.status().counters().uploadErrors() >= 2);
			assertThat(app.status().counters().resyncs()).as("tried again as it is").isEqualTo(2);
		}
		try (Application app = app()) {
			app.sync();
			assertThat(app.status().counters().resyncs()).isZero();
			assertThat(count(app.replica().resolve("ltx/9"))).isEqualTo(1);
			VerificationResult again = app.database().verify();
			assertThat(again.outcome()).as(again.detail()).isEqualTo(VerificationOutcome.VERIFIED);
			app.requireReplicaEqual();
		}
	}

	/** The first file, once it has its name. */
	private static Optional<Path> merged(Path directory) throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			return files.filter((file) -> file.getFileName().toString().matches("0000000000000001-\\w+\\.ltx"))
				.findFirst();
		}
	}

	private static long count(Path directory) throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			return files.count();
		}
	}

	/** Nobody asked for it but the verification. */
	private static void assertRepaired(Application app, int times) throws Exception {
		await().atMost(Application.LONG).until(() -> app.status().counters().resyncs() == 1 + times);
		assertThat(app.status().verification().failure()).as("until it is verified").isNotNull();
		VerificationResult again = app.database().verify();
		assertThat(again.outcome()).as(again.detail()).isEqualTo(VerificationOutcome.VERIFIED);
		assertThat(app.status().verification().failure()).isNull();
	}

	@Test
	void damageOfTheLiveDatabaseIsToldFromDamageOfTheBackup() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)", "CREATE INDEX i ON t(v)", "INSERT INTO t VALUES(1)",
					"PRAGMA writable_schema=ON", "UPDATE sqlite_schema SET rootpage=2 WHERE name='i'",
					"PRAGMA writable_schema=OFF");
			app.sync();
			VerificationResult result = app.database().verify();
			assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.FAILED);
			assertThat(result.detail())
				.startsWith("The live database is damaged, and the backup is identical to the page");
			app.sync();
			assertThat(app.status().counters().resyncs()).as("it would be damaged again").isEqualTo(1);
		}
	}

	@Test
	void whatOnlyTheApplicationDefinesIsNoDamage() throws Exception {
		try (Application app = app()) {
			Function.create(app.connection, "twice", new Function() {

				@Override
				protected void xFunc() throws SQLException {
					result(2 * value_int(0));
				}

			}, 1, Function.FLAG_DETERMINISTIC);
			app.execute("CREATE TABLE t(v)", "CREATE INDEX i ON t(twice(v))", "INSERT INTO t VALUES(1)");
			app.sync();
			Txid older = app.status().replicatedTxid();
			VerificationResult function = app.database().verify();
			assertThat(function.outcome()).as(function.detail()).isEqualTo(VerificationOutcome.VERIFIED);
			assertThat(function.compared()).isTrue();
			assertThat(function.detail()).contains("quick check found it whole").contains("twice");
			Collation.create(app.connection, "mine", new Collation() {

				@Override
				protected int xCompare(String a, String b) {
					return a.compareTo(b);
				}

			});
			app.execute("CREATE TABLE c(v COLLATE mine)", "CREATE INDEX ci ON c(v)", "INSERT INTO c VALUES('a'),('b')");
			app.sync();
			VerificationResult collation = app.database().verify(RestoreTarget.of(app.status().replicatedTxid()));
			assertThat(collation.outcome()).as(collation.detail()).isEqualTo(VerificationOutcome.VERIFIED);
			assertThat(collation.detail()).contains("not checked").contains("mine");
			assertThat(app.database().verify(RestoreTarget.of(older)).outcome())
				.isEqualTo(VerificationOutcome.VERIFIED);
		}
	}

	@Test
	void replicaThatIsAwayProvesNothing() throws Exception {
		GatedReplica gate = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, gate, (options) -> {
		})) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			gate.shut();
			VerificationResult result = app.database().verify();
			assertThat(result.outcome()).isEqualTo(VerificationOutcome.SKIPPED);
			assertThat(result.detail()).contains("cut off");
			assertThat(app.status().verification().failure()).isNull();
			gate.unshut();
			app.sync();
		}
	}

	@Test
	void databaseThatIsNotReplicatedYetIsNoFailure() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).build(), new FileReplicaClient(this.directory.resolve("replica")))
			.build()) {
			engine.start();
			VerificationResult result = engine.databases().get(0).verify();
			assertThat(result.outcome()).isEqualTo(VerificationOutcome.SKIPPED);
			assertThat(result.detail()).contains("WAITING_FOR_DATABASE");
			assertThat(path).doesNotExist();
		}
	}

	@Test
	void olderPointIsRestoredAndChecked() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			Txid older = app.status().replicatedTxid();
			app.execute("INSERT INTO t VALUES(1)");
			app.sync();
			VerificationResult result = app.database().verify(RestoreTarget.of(older));
			assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.VERIFIED);
			assertThat(result.txid()).isEqualTo(older);
			assertThat(result.newest()).isFalse();
			assertThat(result.compared()).isFalse();
			assertThat(app.status().verification().lastVerified()).as("the newest state is not proved").isNull();
			assertThat(app.status().verification().last()).isEqualTo(result);
		}
	}

	@Test
	void newestAndOlderPointsAreVerifiedInTurnByThemselves() throws Exception {
		List<VerificationResult> results = new CopyOnWriteArrayList<>();
		List<VerificationResult> failures = new CopyOnWriteArrayList<>();
		ReplicationListener listener = (event) -> {
			if (event instanceof ReplicationEvent.BackupVerified verified) {
				results.add(verified.result());
			}
			else if (event instanceof ReplicationEvent.BackupVerificationFailed failed) {
				failures.add(failed.result());
			}
		};
		Path path = this.directory.resolve("app.db");
		Path replica = this.directory.resolve("replica");
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).verificationInterval(Duration.ofMillis(40)).build(),
					new FileReplicaClient(replica))
			.listener(listener)
			.build(); Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			engine.databases().get(0).prepare(connection);
			engine.start();
			for (int i = 0; i < 3; i++) {
				Application.execute(connection, "CREATE TABLE t" + i + "(v)");
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			}
			results.clear();
			await().atMost(Application.LONG).until(() -> results.size() >= 4);
			assertThat(List.copyOf(results).subList(0, 4)).extracting(VerificationResult::newest)
				.isSubsetOf(true, false)
				.satisfies((newest) -> assertThat(newest.get(0)).isEqualTo(newest.get(2)).isNotEqualTo(newest.get(1)));
			assertThat(failures).isEmpty();
			Path newest = newest(replica);
			byte[] good = Files.readAllBytes(newest);
			Files.write(newest, new byte[good.length]);
			await().atMost(Application.LONG).until(() -> failures.size() >= 3);
			List<VerificationResult> failed = List.copyOf(failures);
			assertThat(failed.get(0).newest()).as("then the whole database was sent again").isTrue();
			assertThat(failed.subList(1, 3)).as("as an older point, tried again")
				.noneMatch(VerificationResult::newest)
				.allMatch((result) -> failed.get(0).txid().equals(result.txid()));
			Files.write(newest, good);
			await().atMost(Application.LONG)
				.until(() -> engine.databases().get(0).status().verification().failure() == null);
		}
	}

	@Test
	void whatIsKnownSurvivesARestartAndWhatAKilledProcessLeftDoesNot() throws Exception {
		VerificationResult result;
		Path left;
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			result = app.database().verify();
			left = app.path().resolveSibling(".app.db-litestream/verification/.copy.db.restore-x/1");
		}
		Files.createDirectories(left.getParent());
		Files.write(left, new byte[1000]);
		try (Application app = app()) {
			assertNothingIsLeft(app);
			assertThat(app.status().verification().last()).isEqualTo(result);
			assertThat(app.status().verification().lastVerified()).isEqualTo(result);
			assertThat(app.status().verification().verified()).isZero();
		}
	}

	@Test
	void stopEndsAVerificationThatIsUnderWay() throws Exception {
		CompletableFuture<VerificationResult> result = new CompletableFuture<>();
		try (Application app = app((o) -> o.verificationBytesPerSecond(1))) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(3000))");
			app.sync();
			Path copy = app.path().resolveSibling(".app.db-litestream/verification");
			result.completeAsync(() -> {
				try {
					return app.database().verify();
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			});
			await().atMost(Application.LONG).until(() -> Files.exists(copy));
			app.engine.stop();
			assertThat(result.join().outcome()).isEqualTo(VerificationOutcome.SKIPPED);
			assertNothingIsLeft(app);
		}
	}

	@Test
	void closedEngineVerifiesNothing() throws Exception {
		Application app = app();
		app.close();
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> app.database().verify())
			.withMessageContaining("closed");
	}

	private Application app() throws Exception {
		return app((options) -> {
		});
	}

	private Application app(Consumer<DatabaseOptions.Builder> customizer) throws Exception {
		return new Application(this.directory, customizer);
	}

	private static void assertNothingIsLeft(Application app) {
		assertThat(app.path().resolveSibling(".app.db-litestream/verification")).doesNotExist();
	}

	private static Path newest(Path replica) throws IOException {
		try (Stream<Path> files = Files.list(replica.resolve("ltx/0"))) {
			return files.max(Comparator.comparing((file) -> file.getFileName().toString())).orElseThrow();
		}
	}

	/** The same file with another byte where a row's text is, as valid as before. */
	private static byte[] withOtherText(Path file) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (InputStream in = Files.newInputStream(file); LtxReader reader = new LtxReader(in, "newest")) {
			byte[] page = new byte[reader.header().pageSize()];
			LtxWriter writer = new LtxWriter(out, reader.header());
			for (long pgno = reader.nextPage(page); pgno != 0; pgno = reader.nextPage(page)) {
				if (pgno == 2) {
					page[page.length - 1] ^= 1;
				}
				writer.writePage(pgno, page, 0);
			}
			writer.finish();
		}
		return out.toByteArray();
	}

}
