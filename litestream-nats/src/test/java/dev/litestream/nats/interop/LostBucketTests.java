package dev.litestream.nats.interop;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.litestream.LevelOptions;
import dev.litestream.ReplicationState;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The bucket loses what it held while the application runs, and nothing fails: it is
 * noticed, and filled again from the database.
 */
@NatsServerTest
class LostBucketTests {

	/** A compaction would find the loss, too. */
	private static final LevelOptions RARELY = new LevelOptions(List.of(Duration.ofDays(1)), Duration.ofDays(1),
			Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1), true);

	@TempDir
	Path directory;

	@ParameterizedTest
	@Hazard("C5")
	@ValueSource(strings = { "emptied", "deleted", "recreated" })
	void bucketIsFilledAgainWhileTheApplicationRuns(String loss, NatsServer server) throws Exception {
		String name = "lost-" + loss;
		try (ReplicaBucket bucket = new ReplicaBucket(server, name, this.directory);
				Application app = Application.create(this.directory.resolve(loss + "/app.db"), 4096);
				Replication ours = Replication.start(app, bucket.url(), (options) -> options.levels(RARELY))) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name, body)");
			app.insert("t", 100);
			ours.sync();
			lose(loss, server, name);
			await().atMost(Replication.LONG).ignoreExceptions().untilAsserted(() -> {
				app.execute("INSERT INTO t(name) VALUES('goes on')");
				ours.sync();
				bucket.requireSame(app);
			});
			assertThat(ours.status().state()).isEqualTo(ReplicationState.REPLICATING);
		}
	}

	private static void lose(String loss, NatsServer server, String name) throws Exception {
		try (Connection connection = Nats.connect(server.url())) {
			JetStreamManagement management = connection.jetStreamManagement();
			String stream = "OBJ_" + name;
			StreamConfiguration configuration = management.getStreamInfo(stream).getConfiguration();
			if (loss.equals("emptied")) {
				management.purgeStream(stream);
				return;
			}
			management.deleteStream(stream);
			if (loss.equals("recreated")) {
				management.addStream(configuration);
			}
		}
	}

}
