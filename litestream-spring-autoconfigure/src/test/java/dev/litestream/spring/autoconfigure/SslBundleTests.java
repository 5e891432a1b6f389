package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsTls;
import dev.litestream.test.NatsServer;
import dev.litestream.test.TestCertificates;
import dev.litestream.test.TestCertificates.Issued;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

/**
 * TLS by an SSL bundle of Spring Boot, against a server that wants client certificates.
 */
class SslBundleTests {

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class));

	@TempDir
	Path directory;

	@Test
	void aReloadedBundleCountsFromTheNextConnectionOn() throws Exception {
		TestCertificates first = TestCertificates.authority(this.directory, "first-ca");
		TestCertificates second = TestCertificates.authority(this.directory, "second-ca");
		Path trusted = this.directory.resolve("trusted.pem");
		Path certificate = this.directory.resolve("app.pem");
		Path key = this.directory.resolve("app-key.pem");
		use(first, first.issue("one"), trusted, certificate, key);
		try (NatsServer server = NatsServer.builder().config(tls(first)).start()) {
			this.context
				.withPropertyValues("spring.ssl.bundle.pem.nats.reload-on-update=true",
						"spring.ssl.bundle.watch.file.quiet-period=100ms",
						"spring.ssl.bundle.pem.nats.truststore.certificate=file:" + trusted,
						"spring.ssl.bundle.pem.nats.keystore.certificate=file:" + certificate,
						"spring.ssl.bundle.pem.nats.keystore.private-key=file:" + key)
				.run((context) -> {
					ReplicaProperties properties = new ReplicaProperties();
					properties.setUrl("nats://localhost:" + server.port() + "/backups");
					properties.getBucket().setCreate(true);
					properties.getSsl().setBundle("nats");
					properties.setReconnectWait(Duration.ofMillis(100));
					SslBundles bundles = context.getBean(SslBundles.class);
					NatsReplicaOptions options = new NatsReplicaClientFactory(new PropertyKey("replica"), properties,
							new ReplicaEnvironment(null, "test", () -> bundles), null)
						.options();
					assertThat(options.tls()).isEqualTo(NatsTls.DEFAULTS.bundle(new BundleManagers(bundles, "nats")));
					try (NatsReplicaClient client = new NatsReplicaClient(options)) {
						client.open();
						use(second, second.issue("two"), trusted, certificate, key);
						server.restart(tls(second));
						await().atMost(Duration.ofSeconds(30))
							.untilAsserted(() -> assertThatCode(() -> client.list(0)).doesNotThrowAnyException());
					}
				});
		}
	}

	private static void use(TestCertificates authority, Issued issued, Path trusted, Path certificate, Path key)
			throws Exception {
		for (List<Path> copy : List.of(List.of(authority.certificate(), trusted),
				List.of(issued.certificate(), certificate), List.of(issued.key(), key))) {
			Files.copy(copy.get(0), copy.get(1), StandardCopyOption.REPLACE_EXISTING);
		}
	}

	private static String tls(TestCertificates authority) {
		Issued server = authority.issue("server-of-" + System.nanoTime(), "localhost");
		return String.format(Locale.ROOT, "tls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", verify: true }",
				server.certificate(), server.key(), authority.certificate());
	}

}
