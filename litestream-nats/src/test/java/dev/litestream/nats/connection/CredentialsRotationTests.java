package dev.litestream.nats.connection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.test.NatsServer;
import dev.litestream.test.TestCertificates;
import dev.litestream.test.TestCertificates.Issued;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

/**
 * Files with credentials and certificates that are replaced while a connection is up: the
 * next connection uses what they hold then. Each server takes the new ones alone after
 * its restart, so that the old ones would not do.
 */
class CredentialsRotationTests {

	@TempDir
	Path folder;

	private Path file;

	@BeforeEach
	void name() {
		this.file = this.folder.resolve("rotated");
	}

	@Test
	void aCredentialsFileIsReadAgain() throws IOException {
		TestOperator operator = new TestOperator();
		TestOperator.Key old = TestOperator.userKey();
		String log = rotate(operator.config(), () -> write(operator, old), operator.configRevoking(old),
				() -> write(operator, TestOperator.userKey()),
				(options) -> options.credentials(new NatsCredentials.CredentialsFile(this.file)));
		assertThat(log).doesNotContain("authentication error");
	}

	@Test
	void aCredentialsFileThatIsJustBeingReplacedDoesNoHarm() throws IOException {
		TestOperator operator = new TestOperator();
		rotate(operator.config(), () -> write(operator, TestOperator.userKey()), operator.config(),
				() -> Files.writeString(this.file, "half"),
				(options) -> options.credentials(new NatsCredentials.CredentialsFile(this.file)));
	}

	@Test
	void aTokenIsReadAgain() throws IOException {
		String log = rotate("authorization { token: one }", () -> Files.writeString(this.file, "one"),
				"authorization { token: two }", () -> Files.writeString(this.file, "two\n"),
				(options) -> options.credentials(new NatsCredentials.Token(Secret.inFile(this.file))));
		assertThat(log).doesNotContain("authentication error");
	}

	@Test
	void aPasswordIsReadAgainAfterItWasRefused() throws IOException {
		String log = rotate("authorization { user: app, password: one }", () -> Files.writeString(this.file, "one"),
				"authorization { user: app, password: two }", () -> Files.writeString(this.file, "two\n"),
				(options) -> options.credentials(new NatsCredentials.UserPassword("app", Secret.inFile(this.file))));
		assertThat(log).contains("authentication error");
	}

	@Test
	void certificatesAreReadAgain() throws IOException {
		TestCertificates before = TestCertificates.authority(this.folder, "before");
		TestCertificates after = TestCertificates.authority(this.folder, "after");
		Path trusted = this.folder.resolve("trusted.pem");
		Path key = this.folder.resolve("rotated.key");
		rotate(tls(before), () -> use(before, trusted, key), tls(after), () -> use(after, trusted, key),
				(options) -> options.tls(NatsTls.DEFAULTS.trusting(List.of(trusted)).identifiedBy(this.file, key)));
	}

	private String rotate(String config, Step before, String newConfig, Step after,
			Consumer<NatsReplicaOptions.Builder> settings) throws IOException {
		before.run();
		try (NatsServer server = NatsServer.builder().config(config).start()) {
			NatsReplicaOptions.Builder options = NatsReplicaOptions.builder("backups")
				.servers(List.of("localhost:" + server.port()))
				.connectionTimeout(Duration.ofSeconds(2))
				.reconnectWait(Duration.ofMillis(100))
				.bucketOptions(NatsBucketOptions.DEFAULTS.creating());
			settings.accept(options);
			try (NatsReplicaClient client = new NatsReplicaClient(options.build())) {
				client.open();
				after.run();
				server.restart(newConfig);
				await().atMost(Duration.ofSeconds(60))
					.untilAsserted(() -> assertThatCode(() -> client.list(0)).doesNotThrowAnyException());
				return server.log();
			}
		}
	}

	private Path write(TestOperator operator, TestOperator.Key user) throws IOException {
		TestOperator.writeCredentials(this.file, operator.user(user, null), user.seed);
		return this.file;
	}

	private Path use(TestCertificates authority, Path trusted, Path key) throws IOException {
		Issued app = authority.issue("app");
		Files.copy(app.key(), key, StandardCopyOption.REPLACE_EXISTING);
		Files.copy(app.certificate(), this.file, StandardCopyOption.REPLACE_EXISTING);
		return Files.copy(authority.certificate(), trusted, StandardCopyOption.REPLACE_EXISTING);
	}

	private String tls(TestCertificates authority) {
		Issued server = authority.issue("server-" + authority.certificate().getFileName(), "localhost");
		return String.format(Locale.ROOT, "tls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", verify: true }",
				server.certificate(), server.key(), authority.certificate());
	}

	private interface Step {

		Path run() throws IOException;

	}

}
