package dev.litestream.nats.interop;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.LevelOptions;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import dev.litestream.test.Oracle;
import dev.litestream.test.Workload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Compactions, snapshots and retention of either program, seen by the other.
 */
@NatsServerTest
class LevelsInteropTests {

	private static final LevelOptions QUICK = new LevelOptions(List.of(Duration.ofMillis(500), Duration.ofSeconds(2)),
			Duration.ofSeconds(4), Duration.ofHours(1), Duration.ofSeconds(1), Duration.ofMillis(200), true);

	@TempDir
	Path directory;

	@Test
	void litestreamRestoresWhatWeCompactedAndExpired(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "levels-ours", this.directory);
				Application app = createApplication();
				Replication ours = start(app, bucket)) {
			long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
			for (int seed = 0; System.nanoTime() < end; seed++) {
				new Workload(app.connection(), seed).run(3);
				ours.sync();
			}
			awaitCompacted(bucket);
			bucket.requireSame(app);
			List<LtxFileInfo> points = new ArrayList<>();
			for (int level : new int[] { 1, 2, 9 }) {
				points.addAll(bucket.files(level));
			}
			assertThat(points).hasSizeGreaterThan(4);
			assertThat(ours.status().levels().levels().get(0).deletes()).isPositive();
			for (LtxFileInfo point : points) {
				requireSame(bucket, point.maxTxid());
			}
			Instant last = points.get(points.size() - 1).createdAt();
			for (LtxFileInfo point : points.subList(1, points.size())) {
				if (point.createdAt().isBefore(last)) {
					requireSame(bucket, point.createdAt().plusMillis(1));
				}
			}
		}
	}

	@Test
	void weGoOnCompactingWhatLitestreamCompacted(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "levels-theirs", this.directory);
				Application app = createApplication()) {
			try (Oracle.Replication litestream = LitestreamProgram.startWithLevels(app.path(), bucket.url())) {
				bucket.awaitTxidAfter(Txid.ZERO);
				for (int seed = 0; seed < 3; seed++) {
					new Workload(app.connection(), seed).run(3);
					int files = bucket.files(1).size();
					await().atMost(Replication.LONG).until(() -> bucket.files(1).size() > files);
				}
				await().atMost(Replication.LONG).until(() -> !bucket.files(2).isEmpty());
				litestream.stop();
			}
			Txid theirs = bucket.txid();
			long theirLevel1 = bucket.files(1).size();
			try (Replication ours = start(app, bucket)) {
				for (int seed = 10; seed < 15; seed++) {
					new Workload(app.connection(), seed).run(3);
					ours.sync();
				}
				awaitCompacted(bucket);
				assertThat(bucket.txid()).isGreaterThan(theirs);
				assertThat(bucket.files(1).size()).isGreaterThan((int) theirLevel1);
				assertThat(ours.status().levels().levels()).allMatch((level) -> level.errors() == 0);
				bucket.requireSame(app);
				requireContiguous(bucket.files(1));
				requireContiguous(bucket.files(2));
			}
			// and back again
			try (Oracle.Replication litestream = LitestreamProgram.startWithLevels(app.path(), bucket.url())) {
				Txid end = bucket.txid();
				new Workload(app.connection(), 20).run(3);
				bucket.awaitTxidAfter(end);
				await().atMost(Replication.LONG).until(() -> bucket.client().list(2).maxTxid().compareTo(end) > 0);
				litestream.stop();
			}
			bucket.requireSame(app);
			requireContiguous(bucket.files(1));
			requireContiguous(bucket.files(2));
		}
	}

	private Application createApplication() throws Exception {
		Application app = Application.create(this.directory.resolve("data/app.db"), 4096);
		app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
		return app;
	}

	private static Replication start(Application app, ReplicaBucket bucket) throws Exception {
		return Replication.start(app, bucket.url(),
				(options) -> options.levels(QUICK).syncInterval(Duration.ofMillis(100)));
	}

	/** All levels hold all, and level 0 no more than its newest file. */
	private static void awaitCompacted(ReplicaBucket bucket) {
		await().atMost(Replication.LONG)
			.until(() -> bucket.files(0).size() == 1 && bucket.client().list(1).maxTxid().equals(bucket.txid())
					&& bucket.client().list(2).maxTxid().equals(bucket.txid())
					&& bucket.client().list(9).maxTxid().equals(bucket.txid()));
	}

	private static void requireContiguous(List<LtxFileInfo> files) {
		for (int i = 1; i < files.size(); i++) {
			assertThat(files.get(i).minTxid()).isEqualTo(files.get(i - 1).maxTxid().next());
		}
	}

	private static void requireSame(ReplicaBucket bucket, Txid txid) throws Exception {
		Path theirs = bucket.next("theirs");
		Oracle.restore(bucket.url(), theirs, txid.value());
		Path ours = bucket.next("ours");
		assertThat(bucket.restore(ours, RestoreTarget.of(txid)).txid()).isEqualTo(txid);
		Databases.sameContent(ours, theirs);
		Files.delete(theirs);
		Files.delete(ours);
	}

	private static void requireSame(ReplicaBucket bucket, Instant instant) throws Exception {
		Path theirs = bucket.next("theirs");
		Oracle.restore(bucket.url(), theirs, instant);
		Path ours = bucket.next("ours");
		bucket.restore(ours, RestoreTarget.before(instant));
		Databases.sameContent(ours, theirs);
		Files.delete(theirs);
		Files.delete(ours);
	}

}
