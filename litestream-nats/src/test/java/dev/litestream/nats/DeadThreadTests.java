package dev.litestream.nats;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A thread of the client library ends, as after an {@link OutOfMemoryError} or an
 * interrupt. The library does not replace it, and the connection counts as connected.
 */
@Timeout(180)
class DeadThreadTests {

	private static final Duration LONG = Duration.ofSeconds(60);

	@TempDir
	Path directory;

	private final NatsServer server = NatsServer.start();

	@AfterEach
	void stop() {
		this.server.close();
	}

	private NatsReplicaOptions.Builder options() {
		return NatsReplicaUrl.parse(this.server.url("threads"))
			.toOptions()
			.reconnectWait(Duration.ofMillis(100))
			.requestTimeout(Duration.ofMillis(700))
			.connectionTimeout(Duration.ofSeconds(1))
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating());
	}

	private NatsReplicaClient client() {
		return new NatsReplicaClient(options().build());
	}

	/** Reads the answers, sends the requests, hands the answers out. */
	@ParameterizedTest
	@ValueSource(strings = { "NatsConnectionReader", "NatsConnectionWriter", "NatsDispatcher" })
	void replicationGoesOnWithoutARestart(String kind) throws Exception {
		try (NatsReplicaClient client = client();
				CommitJournal journal = new CommitJournal(this.directory.resolve("app.db"), client)) {
			journal.awaitAcknowledged(20);
			kill(kind);
			journal.awaitCommitted(50);
			journal.awaitAcknowledged(50);
			try (NatsReplicaClient reader = client()) {
				journal.finishAndVerify(reader, this.directory.resolve("restored.db"));
			}
		}
	}

	@Test
	void aReconnectionThatHasEndedIsBegunAnew() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		try (NatsReplicaClient client = new NatsReplicaClient(
				options().connectionCustomizer((servers, builder) -> builder.reconnectDelayHandler((round) -> {
					attempts.incrementAndGet();
					throw new OutOfMemoryError("Java heap space");
				})).build()); CommitJournal journal = new CommitJournal(this.directory.resolve("app.db"), client)) {
			journal.awaitAcknowledged(20);
			this.server.stop();
			await().atMost(LONG).until(() -> attempts.get() > 0);
			this.server.restart();
			journal.awaitAcknowledged(50);
		}
	}

	private static void kill(String what) {
		await().atMost(LONG).until(() -> !threads(what).isEmpty());
		List<Thread> threads = threads(what);
		threads.forEach(Thread::interrupt);
		assertThat(threads).isNotEmpty();
	}

	private static List<Thread> threads(String what) {
		return Thread.getAllStackTraces()
			.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().getName().startsWith("litestream-nats-"))
			.filter((entry) -> Arrays.stream(entry.getValue()).anyMatch((frame) -> frame.toString().contains(what)))
			.map(Map.Entry::getKey)
			.toList();
	}

}
