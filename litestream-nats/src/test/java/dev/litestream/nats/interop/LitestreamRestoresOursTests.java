package dev.litestream.nats.interop;

import java.nio.file.Path;

import dev.litestream.ResyncReason;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import dev.litestream.test.Workload;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * We write, both programs restore.
 */
@NatsServerTest
class LitestreamRestoresOursTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	void theSameBytesAfterEveryKindOfChange(int pageSize, NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "ours-" + pageSize, this.directory);
				Application app = Application.create(this.directory.resolve("data/app.db"), pageSize);
				Replication ours = Replication.start(app, bucket.url())) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
			ours.sync();
			grow(app, ours);
			requireSame(app, ours, bucket);
			long pages = app.query("PRAGMA page_count");

			app.execute("DELETE FROM t WHERE id % 3 <> 0", "PRAGMA incremental_vacuum");
			assertThat(app.query("PRAGMA page_count")).as("shrunk by incremental_vacuum").isLessThan(pages * 3 / 4);
			requireSame(app, ours, bucket);

			app.execute("CREATE INDEX i ON t(name)", "ALTER TABLE t ADD COLUMN more", "UPDATE t SET more = id");
			ours.sync();
			app.execute("CREATE TABLE u AS SELECT * FROM t", "DROP TABLE t", "VACUUM");
			requireSame(app, ours, bucket);

			app.execute("DELETE FROM u", "VACUUM");
			assertThat(app.query("PRAGMA page_count")).as("shrunk by VACUUM").isLessThan(pages / 4);
			requireSame(app, ours, bucket);

			Workload workload = new Workload(app.connection(), pageSize);
			for (int i = 0; i < 10; i++) {
				workload.run(4);
				ours.sync();
			}
			requireSame(app, ours, bucket);
			assertThat(ours.status().counters().resyncs()).isEqualTo(1);
			assertThat(ours.status().counters().lastResync()).isEqualTo(ResyncReason.FIRST_SYNC);
		}
	}

	private static void grow(Application app, Replication ours) throws Exception {
		for (int i = 0; i < 5; i++) {
			app.insert("t", 100);
			ours.sync();
		}
		// the pages at the end are allocated and freed in one transaction
		app.execute("BEGIN", "INSERT INTO t(name, body) VALUES ('large', zeroblob(1000000))",
				"DELETE FROM t WHERE name = 'large'", "COMMIT");
	}

	private static void requireSame(Application app, Replication ours, ReplicaBucket bucket) throws Exception {
		ours.sync();
		bucket.requireSame(app);
	}

}
