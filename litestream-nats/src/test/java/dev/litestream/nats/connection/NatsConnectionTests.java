package dev.litestream.nats.connection;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import javax.net.ssl.SSLContext;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.TestCertificates;
import dev.litestream.test.TestCertificates.Issued;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
			// The hub gets each message too, and its acknowledgement of a chunk may come
			// first: then the object is there, but nobody was told so.
			for (LtxFileInfo file : atHub.list(0)) {
				assertThat(atHub.read(file).readAllBytes()).hasSize((int) file.size());
			}
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
	void serversThatTheClusterNamesProveThemselvesByTheConfiguredName() {
		ConnectionAccess access = access("tls://10.0.0.1,n1.example.com,n2.example.com/b");
		assertThat(access.verifiedName("n2.example.com")).isEqualTo("n2.example.com");
		assertThat(access.verifiedName("N2.example.com")).isEqualTo("N2.example.com");
		assertThat(access.verifiedName("10.0.0.1")).isEqualTo("10.0.0.1");
		assertThat(access.verifiedName("10.0.0.2")).isEqualTo("n1.example.com");
		assertThat(access.verifiedName("::1")).isEqualTo("n1.example.com");
		assertThat(access.verifiedName("n3.example.com")).isEqualTo("n1.example.com");
		assertThat(access("tls://10.0.0.1/b").verifiedName("n3.example.com")).isEqualTo("10.0.0.1");
		// what a server says under TLS is its own word
		assertThat(access("wss://n1.example.com/b").verifiedName("n3.example.com")).isEqualTo("n3.example.com");
		assertThat(access("wss://n1.example.com/b").verifiedName("10.0.0.2")).isEqualTo("n1.example.com");
	}

	private static ConnectionAccess access(String url) {
		return new ConnectionAccess(NatsReplicaUrl.parse(url).toOptions().build().connection());
	}

	@Test
	void aServerThatIsNamedBeforeTlsHasToProveTheWrittenName(@TempDir Path folder) throws Exception {
		TestCertificates ca = TestCertificates.authority(folder, "ca");
		int route = NatsServer.freePort();
		int otherRoute = NatsServer.freePort();
		try (NatsServer written = NatsServer.builder()
			.config(tls(ca.issue("written", "127.0.0.1")) + member("written", route, otherRoute))
			.start();
				NatsServer named = NatsServer.builder()
					.config(tls(ca.issue("named", "localhost")) + "client_advertise: localhost\n"
							+ member("named", otherRoute, route))
					.start()) {
			SharedConnection connection = SharedConnection.acquire(NatsReplicaOptions.builder("b")
				.scheme(NatsScheme.TLS)
				.servers(List.of("127.0.0.1:" + written.port()))
				.tls(NatsTls.DEFAULTS.trusting(List.of(ca.certificate())))
				.credentials(new NatsCredentials.UserPassword("app", Secret.of("hush")))
				.reconnectWait(Duration.ofMillis(50))
				.build()
				.connection());
			try {
				Link link = connection.connect();
				await().until(() -> link.connection()
					.getServers()
					.stream()
					.anyMatch((server) -> server.endsWith("localhost:" + named.port())));
				written.kill();
				await().untilAsserted(() -> assertThat(link.events().problem()).isNotNull()
					.hasMessageContaining("The certificate of the NATS server at localhost:" + named.port()
							+ " is for localhost and not for 127.0.0.1: a server that the cluster names, and your URL"
							+ " does not, has to prove this name"));
				assertThat(link.connection().getStatus()).isNotEqualTo(Connection.Status.CONNECTED);
			}
			finally {
				connection.release();
			}
		}
	}

	private static String tls(Issued server) {
		return "tls { cert_file: \"" + server.certificate() + "\", key_file: \"" + server.key() + "\" }\n";
	}

	private static String member(String name, int route, int otherRoute) {
		return "server_name: " + name + "\ncluster { name: c, listen: \"127.0.0.1:" + route
				+ "\", routes: [\"nats://127.0.0.1:" + otherRoute + "\"] }";
	}

	@ParameterizedTest
	@CsvSource({ "nats://app:hush@n1.example.com/b, user and password", "nats://hush@10.0.0.1/b, token",
			"ws://app:hush@n1.example.com/b, user and password", "tls://app:hush@n1.example.com/b,",
			"nats://n1.example.com/b,", "'nats://app:hush@localhost,127.0.0.1,[::1]/b',",
			"'nats://app:hush@localhost,n1.example.com/b', user and password" })
	void aSecretThatGoesInTheClearIsWarnedOf(String url, @Nullable String secret) {
		try (LoggedLines log = new LoggedLines(SharedConnection.class)) {
			NatsReplicaOptions options = NatsReplicaUrl.parse(url).toOptions().connectionName("clear").build();
			SharedConnection first = SharedConnection.acquire(options.connection());
			SharedConnection second = SharedConnection.acquire(options.connection());
			first.release();
			second.release();
			if (secret == null) {
				assertThat(log.warnings()).isEmpty();
			}
			else {
				assertThat(log.warnings()).singleElement()
					.asString()
					.contains("The " + secret + " for ", "tls://")
					.doesNotContain("hush");
			}
		}
	}

	@Test
	void aConnectionThatNeverWasIsNotCalledLost() throws Exception {
		try (LoggedLines log = new LoggedLines(ConnectionEvents.class);
				NatsServer server = NatsServer.start();
				NatsReplicaClient client = new NatsReplicaClient(
						NatsReplicaUrl.parse(server.url("b")).toOptions().build())) {
			server.stop();
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(client::open)
					.withMessageContaining("No NATS server can be reached");
			}
			assertThat(log.warnings()).isEmpty();
		}
	}

	@Test
	void aConnectionThatIsLostAgainAndAgainLeadsToTheServersLimit() throws Exception {
		try (LoggedLines log = new LoggedLines(ConnectionEvents.class);
				NatsServer server = NatsServer.start();
				NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(server.url("cut"))
					.toOptions()
					.reconnectWait(Duration.ofMillis(20))
					.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
					.build())) {
			client.open();
			server.kill();
			await().untilAsserted(() -> assertThat(log.warnings())
				.contains("Lost the connection to nats://127.0.0.1:" + server.port() + "; reconnecting"));
			server.restart();
			await().until(client::isConnected);
			server.kill();
			await().untilAsserted(() -> assertThat(log.warnings()).anyMatch(
					(line) -> line.contains("again, soon after it was made") && line.contains("raise max_pending")));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "server", "sslContext", "userInfo", "token", "authHandler" })
	void aCustomizerThatWouldBeOverruledIsRefused(String method) throws Exception {
		Map<String, Consumer<Options.Builder>> changes = Map.of("server",
				(builder) -> builder.server("nats://n9.example.com"), "sslContext",
				(builder) -> builder.sslContext(defaultContext()), "userInfo",
				(builder) -> builder.userInfo("app".toCharArray(), "hush".toCharArray()), "token",
				(builder) -> builder.token("hush".toCharArray()), "authHandler",
				(builder) -> builder.authHandler(Nats.staticCredentials("jwt".toCharArray(), "seed".toCharArray())));
		try (NatsServer server = NatsServer.start();
				NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(server.url("customized"))
					.toOptions()
					.connectionCustomizer((servers, builder) -> changes.get(method).accept(builder))
					.build())) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(client::open)
				.withMessageContaining("A customizer of NATS connections sets servers, TLS or credentials")
				.withMessageContaining("replica.ssl.bundle");
		}
	}

	private static SSLContext defaultContext() {
		try {
			return SSLContext.getDefault();
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
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
