package dev.litestream.nats;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

import dev.litestream.ReplicationState;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.nats.connection.NatsKeepAlive;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Connections that are refused, revoked or led elsewhere while an application runs.
 */
@Timeout(120)
class ConnectionLossTests {

	@TempDir
	Path directory;

	private static NatsReplicaOptions.Builder options(String url) {
		return NatsReplicaUrl.parse(url)
			.toOptions()
			.reconnectWait(Duration.ofMillis(100))
			.requestTimeout(Duration.ofSeconds(2))
			.connectionTimeout(Duration.ofSeconds(2))
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating());
	}

	private static LtxFileInfo write(NatsReplicaClient client, long txid) throws IOException {
		return client.write(0, new Txid(txid), new Txid(txid), Instant.EPOCH, new ByteArrayInputStream(new byte[9]));
	}

	@Test
	void anAuthorizationThatIsRevokedIsNamedAndItsReturnNoticed() throws Exception {
		String right = "authorization { users: [ { user: app, password: right } ] }";
		try (NatsServer server = NatsServer.builder().config(right).start();
				NatsReplicaClient client = new NatsReplicaClient(
						options(server.url("revoked")).credentials("app", "right").build());
				CommitJournal journal = new CommitJournal(this.directory.resolve("app.db"), client)) {
			journal.awaitAcknowledged(20);
			server.reload("authorization { users: [ { user: app, password: other } ] }");
			await().atMost(Duration.ofSeconds(60))
				.untilAsserted(() -> assertThat(journal.status().lastError()).contains(
						"refuses the user or password: check litestream.replica.username and litestream.replica.password"));
			assertThat(journal.status().state()).isEqualTo(ReplicationState.REPLICA_UNAVAILABLE);
			journal.awaitCommitted(50);
			server.reload(right);
			journal.awaitAcknowledged(50);
			assertThat(journal.status().state()).isEqualTo(ReplicationState.REPLICATING);
			try (NatsReplicaClient reader = new NatsReplicaClient(
					options(server.url("revoked")).credentials("app", "right").build())) {
				journal.finishAndVerify(reader, this.directory.resolve("restored.db"));
			}
		}
	}

	@Test
	void serversThatAreAwayAreSkipped() throws Exception {
		try (NatsServer away = NatsServer.start();
				NatsServer silent = NatsServer.start();
				NatsServer server = NatsServer.start()) {
			away.stop();
			silent.pause();
			String url = String.format(Locale.ROOT, "nats://127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d/rotation",
					away.port(), silent.port(), server.port());
			// the order is left to chance, so that applications spread over the servers
			for (int i = 1; i <= 5; i++) {
				try (NatsReplicaClient client = new NatsReplicaClient(
						options(url).connectionTimeout(Duration.ofMillis(500)).build())) {
					write(client, i);
				}
			}
		}
	}

	@Test
	void aConnectionThatWasGivenUpIsMadeAnew() throws Exception {
		try (NatsServer server = NatsServer.start();
				NatsReplicaClient client = new NatsReplicaClient(
						options(server.url("given-up")).maxReconnects(1).build())) {
			write(client, 1);
			server.stop();
			await().untilAsserted(() -> org.assertj.core.api.Assertions.assertThatIOException()
				.isThrownBy(() -> write(client, 2))
				.withMessageContaining("No NATS server can be reached"));
			server.restart();
			await().ignoreExceptionsInstanceOf(IOException.class)
				.untilAsserted(() -> assertThat(write(client, 2).size()).isEqualTo(9));
		}
	}

	@Test
	void aServerThatStopsAnsweringPingsIsLost() throws Exception {
		try (NatsServer server = NatsServer.start();
				NatsReplicaClient client = new NatsReplicaClient(options(server.url("pings"))
					.keepAlive(new NatsKeepAlive(Duration.ZERO, Duration.ofMillis(200), 1))
					.requestTimeout(Duration.ofSeconds(50))
					.build())) {
			write(client, 1);
			server.pause();
			// long before the request would time out
			await().atMost(Duration.ofSeconds(30))
				.untilAsserted(() -> org.assertj.core.api.Assertions.assertThatIOException()
					.isThrownBy(() -> write(client, 2))
					.withMessageContaining("was lost before the answer came"));
			server.resume();
		}
	}

	@Test
	void settingsThatCannotWorkAreRefused() {
		List.<Runnable>of(() -> new NatsKeepAlive(Duration.ofMillis(-1), Duration.ofSeconds(1), 1),
				() -> new NatsKeepAlive(Duration.ZERO, Duration.ZERO, 1),
				() -> new NatsKeepAlive(Duration.ZERO, Duration.ofSeconds(1), 0))
			.forEach((setting) -> assertThatIllegalArgumentException().isThrownBy(setting::run)
				.withMessageContaining("replica."));
	}

}
