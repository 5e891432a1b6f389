package dev.litestream.nats.interop;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.litestream.LevelOptions;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a database that nobody writes to sends to the server: pings, which the server does
 * not count as messages, and each ten seconds a look whether the bucket is the same.
 */
class IdleTests {

	/** Levels that look for something to do all the time. */
	private static final LevelOptions EAGER = new LevelOptions(List.of(Duration.ofMillis(300), Duration.ofMillis(500)),
			Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMillis(300), Duration.ofMillis(100), true);

	@TempDir
	Path directory;

	@Test
	void anIdleDatabaseSendsNothingBetweenLooks() throws Exception {
		try (NatsServer server = NatsServer.builder().monitor().start();
				ReplicaBucket bucket = new ReplicaBucket(server, "idle", this.directory);
				Application app = Application.create(this.directory.resolve("app.db"), 4096);
				Replication ours = Replication.start(app, bucket.url(),
						(options) -> options.syncInterval(Duration.ofMillis(50)).levels(EAGER))) {
			app.execute("CREATE TABLE t(v)");
			for (int i = 0; i < 5; i++) {
				app.execute("INSERT INTO t VALUES(1)");
				ours.sync();
			}
			long[] before = { -1 };
			await("quiet for three seconds").atMost(Duration.ofSeconds(40))
				.pollInterval(Duration.ofSeconds(3))
				.until(() -> {
					long now = messages(server);
					boolean quiet = now == before[0];
					before[0] = now;
					return quiet;
				});
			assertThat(bucket.files(9)).as("the levels were worked on").isNotEmpty();
			app.execute("INSERT INTO t VALUES(2)");
			ours.sync();
			assertThat(messages(server)).as("what is counted").isGreaterThan(before[0]);
		}
	}

	private static long messages(NatsServer server) throws Exception {
		String json = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/varz")).build(), BodyHandlers.ofString())
			.body();
		Matcher matcher = Pattern.compile("\"in_msgs\":\\s*(\\d+)").matcher(json);
		assertThat(matcher.find()).isTrue();
		return Long.parseLong(matcher.group(1));
	}

}
