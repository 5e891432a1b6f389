package dev.litestream.nats.connection;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * No message, text form or log shows a secret, however it was mangled.
 */
class NatsSecretsTests {

	private static final String SECRET = "Zq7xKw9vJp3";

	private static final String MISTAKES = "@:/?#%,; []{}=&+~!$'\"\\|<>\t";

	private final Random random = new Random(5);

	@TempDir
	Path folder;

	@Test
	void byteOrderMarkIsNoPartOfASecret() throws IOException {
		Path file = Files.writeString(this.folder.resolve("password"), "\uFEFF" + SECRET + "\r\n");
		assertThat(Secret.inFile(file).read()).isEqualTo(SECRET);
	}

	@Test
	void aJwtThatExpiresBeyondAllTimesIsTakenForOneThatNeverDoes() throws IOException {
		TestOperator.Key key = TestOperator.userKey();
		String claims = "{\"sub\":\"" + key.publicKey + "\",\"exp\":" + Long.MAX_VALUE + "}";
		String jwt = "e30."
				+ Base64.getUrlEncoder().encodeToString(claims.getBytes(StandardCharsets.UTF_8)).replace("=", "")
				+ ".c2ln";
		assertThat(UserJwt.of(jwt, key.seed, "The setting").expires()).isNull();
	}

	@Test
	void aSeedWithCharactersThatAreNoneOfItsAlphabetIsRefused() {
		String seed = TestOperator.userKey().seed;
		for (String damaged : List.of(seed + " ", seed.toLowerCase(Locale.ROOT), "-" + seed, seed + "1", seed + "=")) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> UserKey.ofSeed(damaged))
				.withMessageContaining("The seed is damaged");
		}
	}

	@Test
	void noUrlWithAMistakeIsShown() {
		int refused = 0;
		for (String url : List.of("nats://app:%s@host:4222/bucket", "tls://%s@host/bucket/path",
				"wss://app:%s@one,two:443/bucket", "nats://app:%s@[::1]:4222/bucket", "app:%s@host:4222/bucket")) {
			for (int i = 0; i < 2000; i++) {
				String mangled = mangled(String.format(Locale.ROOT, url, SECRET));
				try {
					NatsReplicaUrl parsed = NatsReplicaUrl.parse(mangled, mangled);
					assertHidden(mangled, parsed, parsed.credentials(), parsed.toOptions().build(),
							new NatsReplicaClient(parsed.toOptions().build()));
				}
				catch (IllegalArgumentException ex) {
					refused++;
					assertHidden(mangled, ex, String.valueOf(NatsReplicaUrl.corrected(mangled, null)));
					assertThat(ex).hasNoCause();
				}
			}
		}
		assertThat(refused).isGreaterThan(1000);
	}

	/**
	 * One character more or less. A token without its '@' would be a host; a user and
	 * password are none.
	 */
	private String mangled(String url) {
		int at = this.random.nextInt(url.length());
		if (this.random.nextBoolean() && (url.charAt(at) != '@' || url.contains("app:"))) {
			return url.substring(0, at) + url.substring(at + 1);
		}
		return url.substring(0, at) + MISTAKES.charAt(this.random.nextInt(MISTAKES.length())) + url.substring(at);
	}

	@Test
	void noSeedNorJwtWithAMistakeIsShown() throws IOException {
		TestOperator.Key key = TestOperator.userKey();
		String jwt = new TestOperator().user(key, null);
		Path creds = this.folder.resolve("creds");
		Path pem = this.folder.resolve("pem");
		for (int i = 0; i < 500; i++) {
			String seed = mangled(key.seed);
			String token = mangled(jwt);
			TestOperator.writeCredentials(creds, token, seed);
			Files.writeString(pem, "-----BEGIN PRIVATE KEY-----\n" + seed + "\n-----END PRIVATE KEY-----\n");
			for (Check check : List.<Check>of(() -> new NatsCredentials.NKey(key.publicKey, Secret.of(seed)).check(),
					() -> new NatsCredentials.NKey(seed, Secret.of(key.seed)).check(),
					() -> new NatsCredentials.Jwt(Secret.of(token), Secret.of(seed)).check(),
					() -> new NatsCredentials.CredentialsFile(creds).check(),
					() -> NatsTls.DEFAULTS.identifiedBy(pem, pem).check())) {
				try {
					check.run();
				}
				catch (IOException | IllegalArgumentException ex) {
					for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
						assertThat(cause.toString()).doesNotContain(key.seed.substring(20, 30))
							.doesNotContain(key.seed.substring(40, 50))
							.doesNotContain(jwt.substring(60, 80));
					}
				}
			}
		}
	}

	@Test
	void noTextFormShowsASecret() {
		TestOperator.Key key = TestOperator.userKey();
		Secret secret = Secret.of(SECRET);
		List<Object> all = new ArrayList<>();
		for (NatsCredentials credentials : List.of(new NatsCredentials.UserPassword("app", secret),
				new NatsCredentials.Token(secret), new NatsCredentials.Jwt(secret, secret),
				new NatsCredentials.NKey(key.publicKey, secret))) {
			NatsReplicaOptions options = NatsReplicaOptions.builder("b").credentials(credentials).build();
			all.addAll(List.of(secret, credentials, credentials.refusal(), options, options.location(),
					options.connection(), new ConnectionAccess(options.connection()), new NatsReplicaClient(options)));
		}
		assertHidden("text forms", all.toArray());
	}

	@Test
	void noLogOfAConnectionShowsASecret() throws Exception {
		ByteArrayOutputStream log = new ByteArrayOutputStream();
		PrintStream console = System.out;
		setLevel("ALL");
		System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
		try (NatsServer server = NatsServer.builder()
			.config("authorization { user: app, password: \"" + SECRET + "\" }")
			.start()) {
			for (String user : List.of("app:" + SECRET, "other:" + SECRET, SECRET)) {
				NatsReplicaOptions options = NatsReplicaUrl.parse(server.url("b").replace("//", "//" + user + "@"))
					.toOptions()
					.connectionTimeout(Duration.ofSeconds(2))
					.build();
				try (NatsReplicaClient client = new NatsReplicaClient(options)) {
					client.open();
				}
				catch (IOException ex) {
					StringWriter trace = new StringWriter();
					ex.printStackTrace(new PrintWriter(trace));
					assertHidden(user, trace);
				}
			}
		}
		finally {
			System.setOut(console);
			setLevel("WARN");
		}
		assertThat(log.toString(StandardCharsets.UTF_8)).contains("ConnectionEvents");
		assertHidden("log", log.toString(StandardCharsets.UTF_8));
	}

	/** By reflection: Logback's classes refer to others that the compiler misses here. */
	private static void setLevel(String name) throws Exception {
		Logger root = LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
		Class<?> level = Class.forName("ch.qos.logback.classic.Level");
		root.getClass().getMethod("setLevel", level).invoke(root, level.getField(name).get(null));
	}

	private static void assertHidden(String of, Object... texts) {
		for (Object text : texts) {
			for (int i = 0; i + 5 <= SECRET.length(); i++) {
				assertThat(text.toString()).as(of).doesNotContain(SECRET.substring(i, i + 5));
			}
		}
	}

	private interface Check {

		void run() throws IOException;

	}

}
