package dev.litestream.nats.connection;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.test.NatsServer;
import dev.litestream.test.TestCertificates;
import dev.litestream.test.TestCertificates.Issued;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Each row of the tables in docs/nats.md against a real server that is configured so.
 */
class AccessTests {

	private static final String SECRET = "hush-hush-9";

	private static final String USER = "authorization { user: app, password: \"" + SECRET + "\" }";

	private static final String TOKEN = "authorization { token: \"" + SECRET + "\" }";

	@TempDir
	Path folder;

	private final Map<String, Scenario> scenarios = new LinkedHashMap<>();

	private TestCertificates ca;

	private TestCertificates otherCa;

	private Issued localhost;

	private Issued client;

	private TestOperator operator;

	private TestOperator.Key user;

	@BeforeEach
	void issue() throws IOException {
		Files.createDirectories(this.folder);
		this.ca = TestCertificates.authority(this.folder, "test-ca");
		this.otherCa = TestCertificates.authority(this.folder, "other-ca");
		this.localhost = this.ca.issue("server", "localhost", "127.0.0.1");
		this.client = this.ca.issue("app", "app.example.com");
		this.operator = new TestOperator();
		this.user = TestOperator.userKey();
	}

	@TestFactory
	List<DynamicTest> authentication() throws IOException {
		works("auth-none", "", (options) -> {
		});
		works("auth-unasked", "", user("app", SECRET));
		fails("auth-missing", USER, (options) -> {
		});
		works("user", USER, user("app", SECRET));
		fails("user-wrong", USER, user("app", "hush-not-this"));
		works("user-file", USER, (options) -> options
			.credentials(new NatsCredentials.UserPassword("app", Secret.inFile(file("password", SECRET + "\n")))));
		fails("user-file-missing", USER, (options) -> options
			.credentials(new NatsCredentials.UserPassword("app", Secret.inFile(this.folder.resolve("none")))));
		fails("user-file-empty", USER, (options) -> options
			.credentials(new NatsCredentials.UserPassword("app", Secret.inFile(file("empty", "\n")))));
		works("token", TOKEN, token(SECRET));
		fails("token-wrong", TOKEN, token("hush\"not-this"));
		works("token-file", TOKEN, (options) -> options
			.credentials(new NatsCredentials.Token(Secret.inFile(file("token", SECRET + "\n")))));
		nkeyRows();
		jwtRows();
		return tests("Authentication");
	}

	private void nkeyRows() {
		String config = "authorization { users: [ { nkey: " + this.user.publicKey + " } ] }";
		works("nkey", config, nkey(this.user, this.user.seed));
		works("nkey-seed-file", config, (options) -> options.credentials(
				new NatsCredentials.NKey(this.user.publicKey, Secret.inFile(file("user.nk", this.user.seed + "\n")))));
		TestOperator.Key other = TestOperator.userKey();
		fails("nkey-unknown", config, nkey(other, other.seed));
		fails("nkey-other-seed", config, nkey(this.user, other.seed));
		fails("nkey-seed-damaged", config, nkey(this.user, "SUACSL3UAHUDXKFSNVMJEGGJUQJNAIKBEM364ZYIJUUXI3YCJRYGSREX"));
		fails("nkey-account-seed", config, nkey(this.user, new TestOperator.Key(0).seed));
		fails("nkey-is-seed", config,
				(options) -> options.credentials(new NatsCredentials.NKey(this.user.seed, Secret.of(this.user.seed))));
		fails("nkey-damaged", config, (options) -> options.credentials(new NatsCredentials.NKey(
				"UCNGL6BYVH3TGDZ7IQXMTWYNLF3FQQXXM3V2PLCNBXVHTZBPHRV3HQMT", Secret.of(this.user.seed))));
	}

	private void jwtRows() throws IOException {
		String config = this.operator.config();
		String good = this.operator.user(this.user, null);
		String expired = this.operator.user(this.user, Instant.now().minusSeconds(3600));
		String foreign = new TestOperator().user(this.user, null);
		TestOperator.Key other = TestOperator.userKey();
		works("jwt", config, jwt(good, this.user.seed));
		fails("jwt-expired", config, jwt(expired, this.user.seed));
		fails("jwt-foreign", config, jwt(foreign, this.user.seed));
		fails("jwt-other-seed", config, jwt(good, other.seed));
		fails("jwt-seed-damaged", config, jwt(good, "SUA" + this.user.seed.substring(3, 40)));
		fails("jwt-damaged", config, jwt("hush.hush", this.user.seed));
		works("creds", config, creds("good.creds", good, this.user.seed));
		fails("creds-expired", config, creds("expired.creds", expired, this.user.seed));
		fails("creds-foreign", config, creds("foreign.creds", foreign, this.user.seed));
		fails("creds-other-seed", config, creds("mixed.creds", good, other.seed));
		fails("creds-no-blocks", config,
				(options) -> options.credentials(new NatsCredentials.CredentialsFile(file("no.creds", "hush"))));
		fails("creds-missing", config, (options) -> options
			.credentials(new NatsCredentials.CredentialsFile(this.folder.resolve("none.creds"))));
	}

	@TestFactory
	List<DynamicTest> tls() {
		String server = tls(this.localhost, "");
		works("tls-scheme", server, (options) -> options.scheme(NatsScheme.TLS).tls(trusting(this.ca)));
		works("tls-root-cas", server, (options) -> options.tls(trusting(this.ca)));
		works("tls-several-cas", server, (options) -> options.tls(trusting(this.otherCa, this.ca)));
		works("tls-by-address", server,
				(options) -> options.tls(trusting(this.ca)).servers(addresses(options, "127.0.0.1")));
		fails("tls-unknown-ca", server, (options) -> options.tls(trusting(this.otherCa)));
		fails("tls-jdk-cas", server, (options) -> options.tls(NatsTls.DEFAULTS));
		fails("tls-ca-missing", server,
				(options) -> options.tls(NatsTls.DEFAULTS.trusting(List.of(this.folder.resolve("none.pem")))));
		fails("tls-ca-no-certificate", server,
				(options) -> options.tls(NatsTls.DEFAULTS.trusting(List.of(file("wrong.pem", "hush")))));
		Instant now = Instant.now();
		Issued old = this.ca.issue("old", "RSA", now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(2)),
				"localhost");
		fails("tls-expired", tls(old, ""), (options) -> options.tls(trusting(this.ca)));
		Issued early = this.ca.issue("early", "EC", now.plus(Duration.ofDays(2)), now.plus(Duration.ofDays(9)),
				"localhost");
		fails("tls-not-yet", tls(early, ""), (options) -> options.tls(trusting(this.ca)));
		Issued elsewhere = this.ca.issue("elsewhere", "nats.example.com", "10.1.2.3");
		fails("tls-wrong-host", tls(elsewhere, ""), (options) -> options.tls(trusting(this.ca)));
		works("tls-skip-host-name", tls(elsewhere, ""),
				(options) -> options.tls(trusting(this.ca).insecurelySkippingHostNameVerification()));
		fails("tls-skip-host-name-only", tls(elsewhere, ""),
				(options) -> options.tls(trusting(this.otherCa).insecurelySkippingHostNameVerification()));
		fails("tls-not-set", server, (options) -> {
		});
		fails("tls-not-offered", "", (options) -> options.tls(trusting(this.ca)));
		String first = tls(this.localhost, "handshake_first: true");
		works("tls-first", first, (options) -> options.tls(trusting(this.ca).handshakeFirst()));
		fails("tls-first-not-set", first, (options) -> options.tls(trusting(this.ca)));
		fails("tls-first-not-offered", server, (options) -> options.tls(trusting(this.ca).handshakeFirst()));
		return tests("TLS");
	}

	@TestFactory
	List<DynamicTest> clientCertificates() {
		String server = tls(this.localhost, "verify: true, ca_file: \"" + this.ca.certificate() + "\"");
		works("mtls", server, identified(this.client.certificate(), this.client.key()));
		works("mtls-ec-sec1", server, identified(this.client.certificate(), this.client.oldKey()));
		Instant now = Instant.now();
		Instant soon = now.plusSeconds(3600);
		Issued rsa = this.ca.issue("rsa", "RSA", now.minusSeconds(60), soon);
		works("mtls-rsa", server, identified(rsa.certificate(), rsa.key()));
		works("mtls-rsa-pkcs1", server, identified(rsa.certificate(), rsa.oldKey()));
		Issued ed25519 = this.ca.issue("ed25519", "Ed25519", now.minusSeconds(60), soon);
		works("mtls-ed25519", server, identified(ed25519.certificate(), ed25519.key()));
		works("mtls-user",
				tls(this.localhost, "verify_and_map: true, ca_file: \"" + this.ca.certificate() + "\"")
						+ "\nauthorization { users: [ { user: \"CN=app\" } ] }",
				identified(this.client.certificate(), this.client.key()));
		fails("mtls-missing", server, (options) -> options.tls(trusting(this.ca)));
		fails("mtls-missing-first",
				tls(this.localhost, "handshake_first: true, verify: true, ca_file: \"" + this.ca.certificate() + "\""),
				(options) -> options.tls(trusting(this.ca).handshakeFirst()));
		Issued foreign = this.otherCa.issue("foreign");
		fails("mtls-foreign", server, identified(foreign.certificate(), foreign.key()));
		Issued old = this.ca.issue("old", "EC", now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(2)));
		fails("mtls-expired", server, identified(old.certificate(), old.key()));
		fails("mtls-other-key", server, identified(this.client.certificate(), foreign.key()));
		fails("mtls-other-kind-of-key", server, identified(this.client.certificate(), rsa.oldKey()));
		fails("mtls-no-key", server, identified(this.client.certificate(), this.client.certificate()));
		fails("mtls-key-encrypted", server, identified(this.client.certificate(), file("locked.key",
				"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----")));
		fails("mtls-key-missing", server, identified(this.client.certificate(), this.folder.resolve("none.key")));
		fails("mtls-cert-only", server, identified(this.client.certificate(), null));
		return tests("Client certificates");
	}

	@TestFactory
	List<DynamicTest> webSocket() {
		int port = NatsServer.freePort();
		String plain = "websocket { listen: \"127.0.0.1:" + port + "\", no_tls: true }";
		String secure = "websocket { listen: \"127.0.0.1:" + port + "\", tls { cert_file: \""
				+ this.localhost.certificate() + "\", key_file: \"" + this.localhost.key() + "\" } }";
		List<String> address = List.of("localhost:" + port);
		works("ws", plain, (options) -> options.scheme(NatsScheme.WS).servers(address));
		works("wss", secure, (options) -> options.scheme(NatsScheme.WSS).tls(trusting(this.ca)).servers(address));
		fails("wss-unknown-ca", secure,
				(options) -> options.scheme(NatsScheme.WSS).tls(trusting(this.otherCa)).servers(address));
		fails("wss-not-offered", plain,
				(options) -> options.scheme(NatsScheme.WSS).tls(trusting(this.ca)).servers(address));
		fails("ws-wrong-port", plain, (options) -> options.scheme(NatsScheme.WS));
		fails("ws-not-set", plain, (options) -> options.servers(address));
		return tests("WebSocket");
	}

	@TestFactory
	List<DynamicTest> everyMethodWorksOverEveryTransport() throws IOException {
		Map<String, String> methods = new LinkedHashMap<>();
		Map<String, Consumer<NatsReplicaOptions.Builder>> settings = new LinkedHashMap<>();
		String jwt = this.operator.user(this.user, null);
		add(methods, settings, "user", USER, user("app", SECRET));
		add(methods, settings, "token", TOKEN, token(SECRET));
		add(methods, settings, "nkey", "authorization { users: [ { nkey: " + this.user.publicKey + " } ] }",
				nkey(this.user, this.user.seed));
		add(methods, settings, "jwt", this.operator.config(), jwt(jwt, this.user.seed));
		add(methods, settings, "creds", this.operator.config(), creds("user.creds", jwt, this.user.seed));
		String verify = "verify: true, ca_file: \"" + this.ca.certificate() + "\"";
		List<DynamicTest> tests = new ArrayList<>();
		methods.forEach((method, config) -> {
			Consumer<NatsReplicaOptions.Builder> credentials = settings.get(method);
			tests.add(test(method + " with TLS", tls(this.localhost, "") + config,
					credentials.andThen((options) -> options.tls(trusting(this.ca)))));
			tests.add(test(method + " with TLS first", tls(this.localhost, "handshake_first: true") + config,
					credentials.andThen((options) -> options.tls(trusting(this.ca).handshakeFirst()))));
			tests.add(test(method + " with client certificate", tls(this.localhost, verify) + config,
					credentials.andThen(identified(this.client.certificate(), this.client.key()))));
			int port = NatsServer.freePort();
			tests.add(test(method + " over WebSocket with TLS",
					"websocket { listen: \"127.0.0.1:" + port + "\", tls { cert_file: \"" + this.localhost.certificate()
							+ "\", key_file: \"" + this.localhost.key() + "\" } }\n" + config,
					credentials.andThen((options) -> options.scheme(NatsScheme.WSS)
						.tls(trusting(this.ca))
						.servers(List.of("localhost:" + port)))));
		});
		return tests;
	}

	@Test
	void aCertificateIsNeverTakenWithoutTheCheckOfItsHost() throws Exception {
		ServerTrust trust = new ServerTrust(trusting(this.ca).managers().trust(), trusting(this.ca), "localhost", "x");
		try (var plain = new Socket();
				var secure = (SSLSocket) SSLContext.getDefault().getSocketFactory().createSocket()) {
			var chain = PemFile.read(this.localhost.certificate()).certificates().toArray(X509Certificate[]::new);
			for (Socket socket : List.of(plain, secure)) {
				assertThatExceptionOfType(CertificateException.class)
					.isThrownBy(() -> trust.checkServerTrusted(chain, "ECDHE_ECDSA", socket))
					.withMessageContaining("host name");
			}
		}
	}

	private static void add(Map<String, String> methods, Map<String, Consumer<NatsReplicaOptions.Builder>> settings,
			String name, String config, Consumer<NatsReplicaOptions.Builder> credentials) {
		methods.put(name, config);
		settings.put(name, credentials);
	}

	private DynamicTest test(String name, String config, Consumer<NatsReplicaOptions.Builder> settings) {
		return DynamicTest.dynamicTest(name,
				() -> assertThat(new Scenario(config, settings, true).run()).isEqualTo("works"));
	}

	private List<DynamicTest> tests(String section) throws IllegalStateException {
		Map<String, String> outcomes;
		try {
			outcomes = AccessTable.outcomes(section);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		List<DynamicTest> tests = new ArrayList<>();
		tests.add(DynamicTest.dynamicTest("every row is tested",
				() -> assertThat(outcomes.keySet()).containsExactlyInAnyOrderElementsOf(this.scenarios.keySet())));
		this.scenarios.forEach((id, scenario) -> tests.add(DynamicTest.dynamicTest(id, () -> {
			String outcome = scenario.run();
			assertThat(outcome).doesNotContain("hush").doesNotContain(this.user.seed);
			assertThat(outcome.equals("works")).as(outcome).isEqualTo(scenario.works);
			assertThat(outcome).matches(AccessTable.pattern(String.valueOf(outcomes.get(id))));
		})));
		return tests;
	}

	private void works(String id, String config, Consumer<NatsReplicaOptions.Builder> settings) {
		this.scenarios.put(id, new Scenario(config, settings, true));
	}

	private void fails(String id, String config, Consumer<NatsReplicaOptions.Builder> settings) {
		this.scenarios.put(id, new Scenario(config, settings, false));
	}

	private static Consumer<NatsReplicaOptions.Builder> user(String name, String password) {
		return (options) -> options.credentials(new NatsCredentials.UserPassword(name, Secret.of(password)));
	}

	private static Consumer<NatsReplicaOptions.Builder> token(String token) {
		return (options) -> options.credentials(new NatsCredentials.Token(Secret.of(token)));
	}

	private static Consumer<NatsReplicaOptions.Builder> nkey(TestOperator.Key key, String seed) {
		return (options) -> options.credentials(new NatsCredentials.NKey(key.publicKey, Secret.of(seed)));
	}

	private static Consumer<NatsReplicaOptions.Builder> jwt(String jwt, String seed) {
		return (options) -> options.credentials(new NatsCredentials.Jwt(Secret.of(jwt), Secret.of(seed)));
	}

	private Consumer<NatsReplicaOptions.Builder> creds(String name, String jwt, String seed) throws IOException {
		Path file = this.folder.resolve(name);
		TestOperator.writeCredentials(file, jwt, seed);
		return (options) -> options.credentials(new NatsCredentials.CredentialsFile(file));
	}

	private static NatsTls trusting(TestCertificates... authorities) {
		return NatsTls.DEFAULTS.trusting(Arrays.stream(authorities).map(TestCertificates::certificate).toList());
	}

	private Consumer<NatsReplicaOptions.Builder> identified(Path certificate, Path key) {
		return (options) -> options.tls(trusting(this.ca).identifiedBy(certificate, key));
	}

	private static List<String> addresses(NatsReplicaOptions.Builder options, String host) {
		return options.build()
			.connection()
			.servers()
			.stream()
			.map((server) -> server.replace("localhost", host))
			.toList();
	}

	private static String tls(Issued server, String more) {
		return String.format(Locale.ROOT, "tls { cert_file: \"%s\", key_file: \"%s\" %s }%n", server.certificate(),
				server.key(), more.isEmpty() ? "" : ", " + more);
	}

	private Path file(String name, String content) {
		try {
			return Files.writeString(this.folder.resolve(name), content);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * A server and the settings of a client.
	 *
	 * @param config lines of the server's configuration
	 * @param settings what the client sets
	 * @param works whether they get on
	 */
	private record Scenario(String config, Consumer<NatsReplicaOptions.Builder> settings, boolean works) {

		String run() {
			NatsServer.Builder builder = NatsServer.builder().config(this.config);
			if (this.config.contains("handshake_first")) {
				builder.handshakeFirst();
			}
			try (NatsServer server = builder.start()) {
				NatsReplicaOptions.Builder options = NatsReplicaOptions.builder("backups")
					.servers(List.of("localhost:" + server.port()))
					.connectionTimeout(Duration.ofSeconds(3))
					.bucketOptions(NatsBucketOptions.DEFAULTS.creating());
				this.settings.accept(options);
				try (NatsReplicaClient client = new NatsReplicaClient(options.build())) {
					client.open();
					assertThat(client.list(0).isEmpty()).isTrue();
					return "works";
				}
			}
			catch (IOException | IllegalArgumentException ex) {
				for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
					assertThat(cause.toString()).doesNotContain("hush");
				}
				return String.valueOf(ex.getMessage());
			}
		}

	}

}
