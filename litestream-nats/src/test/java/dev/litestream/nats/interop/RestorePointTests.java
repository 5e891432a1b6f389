package dev.litestream.nats.interop;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A TXID and a timestamp mean the same to both programs.
 */
@NatsServerTest
class RestorePointTests {

	private static final int SYNCS = 5;

	@TempDir
	Path directory;

	@Test
	void theSameInOurHistory(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "points-ours", this.directory);
				Application app = createApplication();
				Replication ours = Replication.start(app, bucket.url())) {
			for (int i = 0; i < SYNCS; i++) {
				app.insert("t", 20);
				ours.sync();
			}
			requireSamePoints(bucket);
		}
	}

	@Test
	void theSameInLitestreamsHistory(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "points-theirs", this.directory);
				Application app = createApplication()) {
			for (int i = 0; i < SYNCS; i++) {
				app.insert("t", 20);
				Oracle.replicateOnce(app.path(), bucket.url(),
						(i == 2) ? new String[] { "-force-snapshot" } : new String[0]);
			}
			assertThat(bucket.files(9)).hasSize(1);
			requireSamePoints(bucket);
		}
	}

	private Application createApplication() throws Exception {
		Application app = Application.create(this.directory.resolve("data/app.db"), 4096);
		app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
		return app;
	}

	private static void requireSamePoints(ReplicaBucket bucket) throws Exception {
		List<LtxFileInfo> files = bucket.files(0);
		assertThat(files).hasSizeGreaterThanOrEqualTo(SYNCS);
		Set<Instant> instants = new TreeSet<>();
		for (LtxFileInfo file : files) {
			requireSame(bucket, file.maxTxid());
			instants.add(file.createdAt());
			instants.add(file.createdAt().plusMillis(1));
		}
		Instant first = files.get(0).createdAt();
		Instant last = files.get(files.size() - 1).createdAt();
		for (Instant instant : instants) {
			// Litestream refuses what lies outside
			if (instant.isAfter(first) && !instant.isAfter(last)) {
				requireSame(bucket, instant);
			}
		}
	}

	private static void requireSame(ReplicaBucket bucket, Txid txid) throws Exception {
		Path theirs = bucket.next("theirs");
		Oracle.restore(bucket.url(), theirs, txid.value());
		Path ours = bucket.next("ours");
		assertThat(bucket.restore(ours, RestoreTarget.of(txid)).txid()).isEqualTo(txid);
		Databases.sameContent(ours, theirs);
	}

	private static void requireSame(ReplicaBucket bucket, Instant instant) throws Exception {
		Path theirs = bucket.next("theirs");
		Oracle.restore(bucket.url(), theirs, instant);
		Path ours = bucket.next("ours");
		bucket.restore(ours, RestoreTarget.before(instant));
		Databases.sameContent(ours, theirs);
	}

}
