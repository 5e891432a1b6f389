package dev.litestream.nats;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LevelOptions;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Something happens to the bucket while nothing is committed, and the connection stays.
 */
@NatsServerTest
@Timeout(120)
class IdleBucketTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	/** A compaction would find the loss, too. */
	private static final LevelOptions RARELY = new LevelOptions(List.of(Duration.ofDays(1)), Duration.ofDays(1),
			Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1), true);

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "deleted", "emptied", "recreated", "replaced" })
	void theLossIsNoticedWithoutACommit(String loss, NatsServer server) throws Exception {
		String bucket = "idle-" + loss;
		try (io.nats.client.Connection nats = Nats.connect(server.url())) {
			JetStreamManagement management = nats.jetStreamManagement();
			management.addStream(bucket(bucket));
			Path path = this.directory.resolve("app.db");
			try (LitestreamEngine engine = LitestreamEngine.builder()
				.database(DatabaseOptions.of(path).syncInterval(Duration.ofMillis(50)).levels(RARELY).build(),
						client(server, bucket))
				.build(); Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
				ReplicatedDatabase database = engine.databases().get(0);
				database.prepare(connection);
				execute(connection, "CREATE TABLE t(v)");
				engine.start();
				for (int i = 0; i < 5; i++) {
					execute(connection, "INSERT INTO t VALUES(1)");
					assertThat(database.sync(LONG)).isTrue();
				}
				lose(loss, nats, bucket);
				if (loss.equals("deleted")) {
					await().atMost(LONG)
						.untilAsserted(() -> assertThat(database.status().state())
							.isEqualTo(ReplicationState.REPLICA_UNAVAILABLE));
					assertThat(database.status().lastError()).contains("Bucket 'idle-deleted' does not exist");
				}
				else {
					await().atMost(LONG).untilAsserted(() -> requireFilledAgain(database.status(), server, bucket));
				}
			}
		}
	}

	private static void requireFilledAgain(DatabaseStatus status, NatsServer server, String bucket) throws Exception {
		assertThat(status.state()).isEqualTo(ReplicationState.REPLICATING);
		try (NatsReplicaClient reader = client(server, bucket)) {
			LtxFileInfo newest = reader.list(0).newest();
			assertThat(newest).isNotNull();
			assertThat(newest.maxTxid()).isEqualTo(status.txid());
		}
	}

	private static void lose(String loss, io.nats.client.Connection nats, String bucket) throws Exception {
		JetStreamManagement management = nats.jetStreamManagement();
		String stream = "OBJ_" + bucket;
		if (loss.equals("emptied")) {
			management.purgeStream(stream);
			return;
		}
		management.deleteStream(stream);
		if (!loss.equals("deleted")) {
			management.addStream(bucket(bucket));
		}
		if (loss.equals("replaced")) {
			// as many messages as before, of another application
			for (int i = 0; i < 50; i++) {
				nats.jetStream().publish("$O." + bucket + ".C.other", new byte[] { 1 });
			}
		}
	}

	private static StreamConfiguration bucket(String bucket) {
		return StreamConfiguration.builder()
			.name("OBJ_" + bucket)
			.subjects("$O." + bucket + ".C.>", "$O." + bucket + ".M.>")
			.discardPolicy(DiscardPolicy.New)
			.allowRollup(true)
			.allowDirect(true)
			.build();
	}

	private static NatsReplicaClient client(NatsServer server, String bucket) {
		// a look each quarter of a second
		return new NatsReplicaClient(
				NatsReplicaUrl.parse(server.url(bucket)).toOptions().bucketOptions(NatsBucketOptions.DEFAULTS).build(),
				Duration.ofSeconds(3));
	}

	private static void execute(Connection connection, String sql) throws Exception {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
