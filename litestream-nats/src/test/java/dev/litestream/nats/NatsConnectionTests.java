package dev.litestream.nats;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Where connections go and what they are called.
 */
class NatsConnectionTests {

	@Test
	@Hazard("S18")
	void aLeafNodeLeadsToTheBucketOfAnotherDomain() throws Exception {
		int port = NatsServer.freePort();
		try (NatsServer hub = NatsServer.builder()
			.domain("hub")
			.config("server_name: hub\nleafnodes { listen: \"127.0.0.1:" + port + "\" }")
			.start();
				NatsServer leaf = NatsServer.builder()
					.domain("leaf")
					.config("server_name: leaf\nleafnodes { remotes: [ { url: \"nats://127.0.0.1:" + port + "\" } ] }")
					.start();
				NatsReplicaClient atHub = client(hub, "hub", null, null)) {
			atHub.open();
			try (NatsReplicaClient atLeaf = client(leaf, "hub", null, null);
					NatsReplicaClient byPrefix = client(leaf, null, "$JS.hub.API", null)) {
				assertThat(atLeaf.location()).endsWith("/backups in domain hub");
				await().ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
					.untilAsserted(() -> assertThat(atLeaf.list(0).isEmpty()).isTrue());
				atLeaf.write(0, Txid.FIRST, Txid.FIRST, Instant.now(), new ByteArrayInputStream(new byte[300_000]));
				assertThat(atHub.list(0).files()).hasSize(1);
				assertThat(byPrefix.list(0).files()).hasSize(1);
				assertThat(atLeaf.read(atLeaf.list(0).files().get(0)).readAllBytes()).hasSize(300_000);
				atLeaf.delete(atLeaf.list(0).files());
				assertThat(atHub.list(0).isEmpty()).isTrue();
			}
			try (NatsReplicaClient inOwnDomain = new NatsReplicaClient(
					NatsReplicaUrl.parse(leaf.url("backups")).toOptions().build())) {
				assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(inOwnDomain::open)
					.withMessageContaining("'backups' does not exist");
			}
		}
	}

	@Test
	@Hazard("S18")
	void anAcknowledgementOfAnotherDomainsBucketIsNotTakenForOurs() throws Exception {
		int port = NatsServer.freePort();
		try (NatsServer hub = NatsServer.builder()
			.domain("hub")
			.config("server_name: hub\nleafnodes { listen: \"127.0.0.1:" + port + "\" }")
			.start();
				NatsServer leaf = NatsServer.builder()
					.domain("leaf")
					.config("server_name: leaf\nleafnodes { remotes: [ { url: \"nats://127.0.0.1:" + port + "\" } ] }")
					.start();
				NatsReplicaClient atHub = client(hub, "hub", null, null);
				NatsReplicaClient inOwnDomain = client(leaf, null, null, null);
				NatsReplicaClient atLeaf = client(leaf, "hub", null, null)) {
			atHub.open();
			await().ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
				.untilAsserted(() -> assertThat(atLeaf.list(0).isEmpty()).isTrue());
			inOwnDomain.open();
			for (int size : new int[] { 100, 300_000 }) {
				assertThatExceptionOfType(ReplicaRefusedException.class)
					.isThrownBy(() -> atLeaf.write(0, Txid.FIRST, Txid.FIRST, Instant.now(),
							new ByteArrayInputStream(new byte[size])))
					.withMessageContaining("'OBJ_backups' in domain 'leaf'")
					.withMessageContaining("not by 'OBJ_backups' in domain 'hub'")
					.withMessageContaining("another name");
			}
			assertThat(atHub.list(0).isEmpty()).isTrue();
		}
	}

	@Test
	void answersComeUnderTheInboxPrefix() throws Exception {
		try (NatsServer server = NatsServer.builder()
			.config("authorization { users: [ { user: app, password: p,"
					+ " permissions: { publish: \">\", subscribe: \"_INBOX_app.>\" } } ] }")
			.start();
				NatsReplicaClient client = new NatsReplicaClient(NatsReplicaOptions.builder("backups")
					.servers(List.of("127.0.0.1:" + server.port()))
					.credentials(new NatsCredentials.UserPassword("app", Secret.of("p")))
					.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
					.inboxPrefix("_INBOX_app.")
					.build())) {
			client.write(0, Txid.FIRST, Txid.FIRST, Instant.now(), new ByteArrayInputStream(new byte[300_000]));
			assertThat(client.read(client.list(0).files().get(0)).readAllBytes()).hasSize(300_000);
		}
	}

	@Test
	void theServerKnowsTheConnectionByItsName() throws Exception {
		String name = "litestream \"my\\shop\" (a.db)";
		try (NatsServer server = NatsServer.builder().monitor().start();
				NatsReplicaClient client = client(server, null, null, name)) {
			client.open();
			HttpResponse<String> connections = HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/connz")).build(),
						HttpResponse.BodyHandlers.ofString());
			assertThat(connections.body()).contains(Json.quote(name));
		}
	}

	@Test
	void aHostThatDoesNotExistIsNamed() throws Exception {
		try (NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse("nats://no-such-host.invalid/b")
			.toOptions()
			.connectionTimeout(Duration.ofSeconds(3))
			.build())) {
			assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(client::open)
				.withMessageContaining("No NATS server can be reached at nats://no-such-host.invalid:4222")
				.withMessageContaining("name of its host is unknown");
		}
	}

	@Test
	void oneServerOfSeveralIsEnough() throws Exception {
		int free = NatsServer.freePort();
		try (NatsServer server = NatsServer.start();
				NatsReplicaClient client = new NatsReplicaClient(
						NatsReplicaUrl.parse("nats://127.0.0.1:" + free + ",localhost:" + server.port() + "/b")
							.toOptions()
							.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
							.build())) {
			client.open();
			assertThat(client.list(0).isEmpty()).isTrue();
		}
	}

	@Test
	void serversThatTheClusterNamesByAddressProveThemselvesByTheConfiguredName() {
		ConnectionAccess access = ConnectionAccess
			.of(NatsReplicaUrl.parse("tls://10.0.0.1,n1.example.com,n2.example.com/b").toOptions().build());
		assertThat(access.verifiedName("n2.example.com")).isEqualTo("n2.example.com");
		assertThat(access.verifiedName("10.0.0.1")).isEqualTo("10.0.0.1");
		assertThat(access.verifiedName("10.0.0.2")).isEqualTo("n1.example.com");
		assertThat(access.verifiedName("::1")).isEqualTo("n1.example.com");
	}

	private static NatsReplicaClient client(NatsServer server, @Nullable String domain, @Nullable String apiPrefix,
			@Nullable String name) {
		return new NatsReplicaClient(NatsReplicaUrl.parse(server.url("backups"))
			.toOptions()
			.domain(domain)
			.apiPrefix(apiPrefix)
			.connectionName((name != null) ? name : "litestream")
			.requestTimeout(Duration.ofSeconds(2))
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build());
	}

}
