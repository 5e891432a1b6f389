package dev.litestream.nats.interop;

import java.nio.file.Path;

import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.test.Databases;
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
 * Litestream writes, both programs restore.
 */
@NatsServerTest
class WeRestoreLitestreamsTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	void theSameBytesAfterEveryKindOfChange(int pageSize, NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "theirs-" + pageSize, this.directory);
				Application app = Application.create(this.directory.resolve("data/app.db"), pageSize)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
			try (Oracle.Replication litestream = LitestreamProgram.start(app.path(), bucket.url())) {
				for (int i = 0; i < 5; i++) {
					Txid before = bucket.txid();
					app.insert("t", 100);
					bucket.awaitTxidAfter(before);
				}
				Txid before = bucket.txid();
				app.execute("DELETE FROM t WHERE id % 3 <> 0", "PRAGMA incremental_vacuum");
				bucket.awaitTxidAfter(before);
				app.execute("CREATE INDEX i ON t(name)", "VACUUM");
				new Workload(app.connection(), pageSize).run(40);
				litestream.stop();
			}
			assertThat(bucket.files(0)).hasSizeGreaterThan(5);
			bucket.requireSame(app);

			app.execute("DROP TABLE t", "VACUUM");
			Oracle.replicateOnce(app.path(), bucket.url(), "-force-snapshot");
			assertThat(bucket.files(9)).isNotEmpty();
			bucket.requireSame(app);
		}
	}

	@Test
	void theSameBytesFromItsCompactions(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "theirs-levels", this.directory);
				Application app = Application.create(this.directory.resolve("data/app.db"), 4096)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
			try (Oracle.Replication litestream = LitestreamProgram.startWithLevels(app.path(), bucket.url())) {
				Workload workload = new Workload(app.connection(), 7);
				await().atMost(Replication.LONG).until(() -> {
					workload.run(3);
					return bucket.files(2).size() > 1 && !bucket.files(0).isEmpty()
							&& bucket.files(0).get(0).minTxid().value() > 1;
				});
				litestream.stop();
			}
			bucket.requireSame(app);
			assertThat(bucket.restore(bucket.next("planned"), RestoreTarget.LATEST).files())
				.as("files of several levels")
				.isLessThan((int) bucket.txid().value());
		}
	}

	@Test
	void aRestoreInTheMidstOfWritingIsOneOfItsStates(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "theirs-live", this.directory);
				Application app = Application.create(this.directory.resolve("data/app.db"), 4096)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
			try (Oracle.Replication litestream = LitestreamProgram.startWithLevels(app.path(), bucket.url())) {
				for (int i = 0; i < 5; i++) {
					Txid before = bucket.txid();
					app.insert("t", 50);
					bucket.awaitTxidAfter(before);
					assertThat(Databases.integrity(bucket.restoredByUs())).isEqualTo("ok");
				}
				assertThat(litestream.isAlive()).isTrue();
			}
		}
	}

}
