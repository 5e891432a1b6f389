package dev.litestream.nats.interop;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
		Set<Instant> instants = new TreeSet<>();
		assertThat(bucket.files(0)).hasSizeGreaterThanOrEqualTo(SYNCS);
		for (LtxFileInfo file : bucket.files(0)) {
			Txid txid = file.maxTxid();
			instants.add(file.createdAt().plus(Duration.ofMillis(1)));
			if (txid.isAfter(Txid.FIRST)) {
				instants.add(file.createdAt());
			}
			Path theirs = bucket.next("theirs");
			Oracle.restore(bucket.url(), theirs, txid.value());
			Path ours = bucket.next("ours");
			assertThat(bucket.restore(ours, RestoreTarget.of(txid)).txid()).isEqualTo(txid);
			Databases.sameContent(ours, theirs);
		}
		Instant first = bucket.files(0).get(0).createdAt();
		for (Instant instant : instants) {
			if (instant.isAfter(first)) {
				Path theirs = bucket.next("theirs");
				Oracle.restore(bucket.url(), theirs, instant);
				Path ours = bucket.next("ours");
				bucket.restore(ours, RestoreTarget.before(instant));
				Databases.sameContent(ours, theirs);
			}
		}
	}

}
