package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.connection.NatsTls;
import dev.litestream.test.NatsServer;
import dev.litestream.test.TestCertificates;
import dev.litestream.test.TestCertificates.Issued;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
					NatsReplicaOptions options = new ConfiguredNatsReplica(new PropertyKey("replica"), properties,
							new ReplicaEnvironment(null, "test", () -> bundles), null)
						.options();
					assertThat(options.connection().tls())
						.isEqualTo(NatsTls.DEFAULTS.bundle(new BundleManagers(bundles, "nats")));
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

	@ParameterizedTest
	@CsvSource({ "enabled-protocols=TLSv1.2, min_version: \"1.3\", cannot agree on TLS",
			"enabled-protocols=TLSv1.3, min_version: \"1.3\",",
			"ciphers=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, min_version: \"1.3\", cannot agree on TLS",
			"enabled-protocols=TLSv9, min_version: \"1.3\", version of TLS 'TLSv9'",
			"ciphers=NO_SUCH, min_version: \"1.3\", cipher suite 'NO_SUCH'" })
	void optionsOfABundleCount(String option, String server, @Nullable String refusal) throws Exception {
		TestCertificates ca = TestCertificates.authority(this.directory, "ca");
		Issued issued = ca.issue("server", "localhost");
		try (NatsServer nats = NatsServer.builder()
			.config(String.format(Locale.ROOT, "tls { cert_file: \"%s\", key_file: \"%s\", %s }", issued.certificate(),
					issued.key(), server))
			.start()) {
			this.context
				.withPropertyValues("spring.ssl.bundle.pem.nats.truststore.certificate=file:" + ca.certificate(),
						"spring.ssl.bundle.pem.nats.options." + option)
				.run((context) -> {
					ReplicaProperties properties = new ReplicaProperties();
					properties.setUrl("nats://localhost:" + nats.port() + "/backups");
					properties.getBucket().setCreate(true);
					properties.getSsl().setBundle("nats");
					SslBundles bundles = context.getBean(SslBundles.class);
					ThrowingCallable open = () -> {
						NatsReplicaOptions options = new ConfiguredNatsReplica(new PropertyKey("replica"), properties,
								new ReplicaEnvironment(null, "test", () -> bundles), null)
							.options();
						try (NatsReplicaClient client = new NatsReplicaClient(options)) {
							client.open();
						}
					};
					if (refusal == null) {
						assertThatCode(open).doesNotThrowAnyException();
					}
					else {
						assertThatThrownBy(open).hasMessageContaining(refusal);
					}
				});
		}
	}

	@Test
	void replicasThatComeAndGoLeaveOneHandlerBehind() {
		AtomicInteger handlers = new AtomicInteger();
		DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("nats", SslBundle.of(SslStoreBundle.NONE)) {

			@Override
			public void addBundleUpdateHandler(String name, Consumer<SslBundle> handler) {
				handlers.incrementAndGet();
			}

		};
		for (int i = 0; i < 10; i++) {
			ReplicaProperties properties = new ReplicaProperties();
			properties.setUrl("nats://localhost/backups");
			properties.getSsl().setBundle("nats");
			new ConfiguredNatsReplica(new PropertyKey("replica"), properties,
					new ReplicaEnvironment(null, "test", () -> bundles), null)
				.options();
		}
		assertThat(handlers).hasValue(1);
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
