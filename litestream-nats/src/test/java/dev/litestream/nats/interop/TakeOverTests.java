package dev.litestream.nats.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import dev.litestream.test.Oracle;
import dev.litestream.test.Workload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Each program continues the other's history: in the same bucket from another disk, and
 * on the same disk from the other's spool.
 */
@NatsServerTest
class TakeOverTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	void weContinueLitestreamsHistoryAfterARestoreWithTheDifferenceOnly(int pageSize, NatsServer server)
			throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "over-to-us-" + pageSize, this.directory)) {
			try (Application app = createApplication("first", pageSize)) {
				Oracle.replicateOnce(app.path(), bucket.url());
				new Workload(app.connection(), 1).run(10);
				Oracle.replicateOnce(app.path(), bucket.url());
			}
			Txid theirs = bucket.txid();
			Path second = this.directory.resolve("second/app.db");
			Replication.restore(second, bucket.url());
			try (Application app = Application.open(second)) {
				app.execute("DELETE FROM t WHERE id = 17", "CREATE TABLE afterwards(a)");
				continueWithTheDifference(app, bucket, theirs);
			}
		}
	}

	private static void continueWithTheDifference(Application app, ReplicaBucket bucket, Txid theirs) throws Exception {
		try (Replication ours = Replication.start(app, bucket.url())) {
			ours.sync();
			assertThat(bucket.txid()).isEqualTo(theirs.next());
			assertThat(ours.status().counters().lastResync()).isEqualTo(ResyncReason.RESTORED);
			assertThat(bucket.files(0).get(bucket.files(0).size() - 1).size()).as("bytes of the difference")
				.isLessThan(Files.size(app.path()) / 3);
			bucket.requireSame(app);
			new Workload(app.connection(), 2).run(20);
			ours.sync();
			assertThat(ours.status().counters().resyncs()).isEqualTo(1);
			bucket.requireSame(app);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	void litestreamContinuesOurHistoryAfterARestore(int pageSize, NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "over-to-them-" + pageSize, this.directory)) {
			try (Application app = createApplication("first", pageSize);
					Replication ours = Replication.start(app, bucket.url())) {
				ours.sync();
				new Workload(app.connection(), 1).run(10);
				ours.sync();
			}
			Txid ours = bucket.txid();
			Path second = this.directory.resolve("second/app.db");
			Files.createDirectories(second.getParent());
			Oracle.restore(bucket.url(), second);
			try (Application app = Application.open(second)) {
				try (Oracle.Replication litestream = LitestreamProgram.start(second, bucket.url())) {
					bucket.awaitTxidAfter(ours);
					new Workload(app.connection(), 2).run(20);
					litestream.stop();
					assertThat(litestream.log()).contains("detected database behind replica");
				}
				requireUnbroken(bucket);
				bucket.requireSame(app);
			}
		}
	}

	@Test
	void bothContinueEachOthersSpoolOnTheSameDiskWithoutAFullImage(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "same-disk", this.directory);
				Application app = createApplication("data", 4096)) {
			app.insert("t", 2000);
			try (Oracle.Replication litestream = LitestreamProgram.start(app.path(), bucket.url())) {
				bucket.awaitTxidAfter(Txid.ZERO);
				app.insert("t", 10);
				bucket.awaitTxidAfter(Txid.FIRST);
				litestream.stop();
			}
			long image = bucket.files(0).get(0).size();
			for (int turn = 0; turn < 3; turn++) {
				app.insert("t", 5);
				try (Replication ours = Replication.start(app, bucket.url())) {
					ours.sync();
					app.insert("t", 5);
					ours.sync();
					assertThat(ours.status().counters().resyncs()).as("whole databases written").isZero();
				}
				bucket.requireSame(app);
				Txid end = bucket.txid();
				app.insert("t", 5);
				try (Oracle.Replication litestream = LitestreamProgram.start(app.path(), bucket.url())) {
					bucket.awaitTxidAfter(end);
					app.insert("t", 5);
					litestream.stop();
				}
				bucket.requireSame(app);
			}
			requireUnbroken(bucket);
			assertThat(bucket.files(0).stream().skip(1)).allMatch((file) -> file.size() < image / 4);
		}
	}

	@Test
	void nothingIsLostOnTheSameDiskWhenTheWalWasResetInBetween(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "same-disk-reset", this.directory)) {
			try (Application app = createApplication("data", 4096)) {
				try (Oracle.Replication litestream = LitestreamProgram.start(app.path(), bucket.url())) {
					bucket.awaitTxidAfter(Txid.ZERO);
					litestream.stop();
				}
			}
			Path database = this.directory.resolve("data/app.db");
			for (int turn = 0; turn < 2; turn++) {
				writeUnobserved(database);
				try (Application app = Application.open(database)) {
					try (Replication ours = Replication.start(app, bucket.url())) {
						ours.sync();
						app.insert("t", 5);
						ours.sync();
						assertThat(ours.status().counters().resyncs()).isEqualTo(1);
					}
					bucket.requireSame(app);
				}
				writeUnobserved(database);
				try (Application app = Application.open(database)) {
					Txid end = bucket.txid();
					try (Oracle.Replication litestream = LitestreamProgram.start(database, bucket.url())) {
						bucket.awaitTxidAfter(end);
						app.insert("t", 5);
						litestream.stop();
					}
					bucket.requireSame(app);
				}
			}
			requireUnbroken(bucket);
		}
	}

	@Test
	void bothUploadWhatTheOtherLeftInTheSpool() throws Exception {
		try (NatsServer server = NatsServer.start();
				ReplicaBucket bucket = new ReplicaBucket(server, "left-behind", this.directory);
				Application app = createApplication("data", 4096)) {
			try (Oracle.Replication litestream = LitestreamProgram.start(app.path(), bucket.url())) {
				bucket.awaitTxidAfter(Txid.ZERO);
				server.kill();
				Txid before = newestInSpool(app);
				app.insert("t", 5);
				await().atMost(Replication.LONG).until(() -> newestInSpool(app).isAfter(before));
				litestream.kill();
			}
			Txid left = newestInSpool(app);
			server.restart();
			bucket.awaitConnection();
			assertThat(bucket.txid()).isLessThan(left);
			app.insert("t", 5);
			try (Replication ours = Replication.start(app, bucket.url(),
					(options) -> options.shutdownSyncTimeout(Duration.ofMillis(100)))) {
				ours.sync();
				assertThat(ours.status().counters().resyncs()).as("whole databases written").isZero();
				bucket.requireSame(app);
				server.kill();
				Txid before = newestInSpool(app);
				app.insert("t", 5);
				await().atMost(Replication.LONG).until(() -> newestInSpool(app).isAfter(before));
			}
			left = newestInSpool(app);
			server.restart();
			bucket.awaitConnection();
			assertThat(bucket.txid()).isLessThan(left);
			app.insert("t", 5);
			Oracle.replicateOnce(app.path(), bucket.url());
			assertThat(bucket.txid()).isGreaterThan(left);
			requireUnbroken(bucket);
			assertThat(bucket.files(0).stream().skip(1)).allMatch((file) -> file.size() < 200_000);
			bucket.requireSame(app);
		}
	}

	private static Txid newestInSpool(Application app) throws IOException {
		try (Stream<Path> files = Files.list(app.path().resolveSibling(".app.db-litestream").resolve("ltx/0"))) {
			return files.map((file) -> LtxFileName.parse(file.getFileName().toString()))
				.filter(Objects::nonNull)
				.map(LtxFileName::maxTxid)
				.max(Comparator.naturalOrder())
				.orElse(Txid.ZERO);
		}
	}

	/** The last connection to close checkpoints and deletes the WAL. */
	private static void writeUnobserved(Path database) throws Exception {
		try (Application app = Application.open(database)) {
			app.insert("t", 5);
			app.execute("DELETE FROM t WHERE id % 11 = 0", "PRAGMA incremental_vacuum");
		}
	}

	private Application createApplication(String name, int pageSize) throws Exception {
		Application app = Application.create(this.directory.resolve(name).resolve("app.db"), pageSize);
		app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
		app.insert("t", 500);
		return app;
	}

	private static void requireUnbroken(ReplicaBucket bucket) throws Exception {
		Txid expected = Txid.FIRST;
		for (LtxFileInfo file : bucket.files(0)) {
			assertThat(file.minTxid()).isEqualTo(expected);
			expected = file.maxTxid().next();
		}
	}

}
