package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.BeanWrapperImpl;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a database takes over from the settings for all, and what it does not.
 */
class InheritanceTests {

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withUserConfiguration(OnlyProperties.class)
		.withPropertyValues("litestream.dbs[0].path=a.db", "litestream.dbs[1].path=b.db");

	@Test
	void everySettingForAllIsTheDefaultOfEach() {
		bind((properties) -> {
			DatabaseProperties first = properties.getDbs().get(0);
			assertThat(first.getSyncInterval()).isEqualTo(Duration.ofSeconds(3));
			assertThat(first.getMaxSyncWalBytes()).isEqualTo(DataSize.ofMegabytes(5));
			assertThat(first.getSnapshot().getRetention()).isEqualTo(Duration.ofHours(72));
			assertThat(first.getVerification().getMaxReadRate()).isEqualTo(DataSize.ofMegabytes(1));
			assertThat(first.getReplica().getUrl()).isEqualTo("nats://localhost/backups");
			assertThat(first.getReplica().getTimeout()).isEqualTo(Duration.ofSeconds(7));
			assertThat(first.getReplica().getRootCas()).containsExactly("ca.pem");
			assertThat(first.getReplica().getSsl().getBundle()).isNull();
			assertThat(first.getReplica().getBucket().isCreate()).isTrue();
			assertThat(first.getReplica().getBucket().getMetadata()).containsEntry("owner", "team a");
			DatabaseProperties second = properties.getDbs().get(1);
			assertThat(second.getSyncInterval()).isEqualTo(Duration.ofSeconds(4));
			assertThat(second.getReplica().getTimeout()).isEqualTo(Duration.ofSeconds(7));
			assertThat(second.getReplica().getPath()).isEqualTo("b");
			assertThat(second.getReplica().getBucket().getReplicas()).isEqualTo(3);
			assertThat(second.getReplica().getBucket().isCreate()).isTrue();
			assertThat(second.getReplica().getBucket().getMetadata()).containsOnlyKeys("owner", "cost");
		}, "litestream.sync-interval=3s", "litestream.dbs[1].syncInterval=4s", "litestream.max-sync-wal-bytes=5MB",
				"litestream.snapshot.retention=72h", "litestream.verification.max-read-rate=1MB",
				"litestream.replica.url=nats://localhost/backups", "litestream.replica.timeout=7s",
				"litestream.replica.root-cas=ca.pem", "litestream.replica.bucket.create=true",
				"litestream.replica.bucket.metadata.owner=team a", "litestream.dbs[1].replica.bucket.metadata.cost=42",
				"litestream.dbs[1].replica.path=b", "litestream.dbs[1].replica.bucket.replicas=3");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			replica.username=app | replica.token=t             | replica.username    |
			replica.username=app | replica.password=p          | replica.username    | app
			replica.password=p   | replica.password-file=f     | replica.password    |
			replica.seed=s       | replica.nkey=n              | replica.seed        | s
			replica.seed=s       | replica.creds=c             | replica.seed        |
			replica.token=t      | replica.url=nats://a:b@h/c  | replica.token       |
			replica.token=t      | replica.url=nats://h/c      | replica.token       | t
			replica.token=t      | replica.url=file:///backup  | replica.token       |
			replica.domain=d     | replica.type=file           | replica.domain      |
			replica.ssl.bundle=x | replica.client-cert=c       | replica.ssl.bundle  |
			replica.ssl.bundle=x | replica.tls=true            | replica.ssl.bundle  | x
			replica.client-key=k | replica.client-cert=c       | replica.client-key  | k
			replica.path=p       | replica.url=nats://h/c      | replica.path        |
			replica.url=nats://h | replica.bucket=c            | replica.url         | nats://h
			replica.bucket=b     | replica.url=nats://h        | replica.bucket.name | b
			replica.path=p       | replica.url=nats://h/       | replica.path        | p
			replica.bucket=b     | replica.url=nats://h/c      | replica.bucket.name |
			replica.bucket.name=b | replica.url=nats://h/c     | replica.bucket.name |
			replica.retention=9h | snapshot.retention=8h       | replica.retention   |
			monitor-interval=9s  | replica.sync-interval=8s    | monitor-interval    |
			monitor-interval=9s  | busy-timeout=8s             | monitor-interval    | PT9S
			restore-if-db-not-exists=false | restore.on-startup=always | restore-if-db-not-exists |
			""")
	void ownKeysStandAgainstOtherWaysToSayTheSame(String common, String own, String key, String inherited) {
		bind((properties) -> {
			String property = StringUtils.uncapitalize(camelCase(key));
			Object value = new BeanWrapperImpl(properties.getDbs().get(1)).getPropertyValue(property);
			assertThat((value != null) ? value.toString() : null).isEqualTo(inherited);
			assertThat(new BeanWrapperImpl(properties.getDbs().get(0)).getPropertyValue(property)).isNotNull();
		}, "litestream." + common, "litestream.dbs[1]." + own);
	}

	@Test
	void credentialsAreNotShownToOtherServers() {
		String[] common = { "litestream.replica.url=nats://one:4222/a", "litestream.replica.creds=app.creds",
				"litestream.replica.client-cert=app.pem", "litestream.replica.timeout=3s" };
		for (String url : List.of("nats://two:4222/b", "nats://one:4222,two:4222/b")) {
			bind((properties) -> {
				ReplicaProperties own = properties.getDbs().get(1).getReplica();
				assertThat(own.getCreds()).isNull();
				assertThat(own.getClientCert()).isNull();
				assertThat(own.getTimeout()).isEqualTo(Duration.ofSeconds(3));
			}, StringUtils.addStringToArray(common, "litestream.dbs[1].replica.url=" + url));
		}
		for (String url : List.of("nats://one:4222/b", "nats:///b")) {
			bind((properties) -> assertThat(properties.getDbs().get(1).getReplica().getCreds()).isEqualTo("app.creds"),
					StringUtils.addStringToArray(common, "litestream.dbs[1].replica.url=" + url));
		}
	}

	@Test
	void keysOfSingleDatabasesAreNoDefaults() {
		bind((properties) -> assertThat(properties.getDbs()).extracting(DatabaseProperties::getName)
			.containsOnlyNulls(), "litestream.name=all");
	}

	@Test
	void theListOfOneReplicaInheritsToo() {
		bind((properties) -> {
			ConfiguredReplica replica = ConfiguredReplica.of(PropertyKey.ofDatabase(1), properties.getDbs().get(1));
			assertThat(replica.key().name()).isEqualTo("litestream.dbs[1].replicas[0]");
			assertThat(replica.properties().getTimeout()).isEqualTo(Duration.ofSeconds(7));
			assertThat(replica.properties().getUsername()).isNull();
			assertThat(replica.properties().getToken()).isEqualTo("t");
		}, "litestream.replica.timeout=7s", "litestream.replica.username=app", "litestream.dbs[1].replicas[0].token=t");
	}

	@Test
	void namesAreRelaxedAndPlaceholdersResolved() {
		this.context
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("LITESTREAM_REPLICA_MAXPINGSOUT", "9", "LITESTREAM_REPLICA_BUSY", "x"))))
			.withPropertyValues("litestream.BUSY_TIMEOUT=${wait}", "wait=250ms")
			.run((context) -> {
				DatabaseProperties database = context.getBean(LitestreamProperties.class).getDbs().get(0);
				assertThat(database.getBusyTimeout()).isEqualTo(Duration.ofMillis(250));
				assertThat(database.getReplica().getMaxPingsOut()).isEqualTo(9);
			});
	}

	@Test
	void twoDatabasesShareOneUrlAndDifferByPath() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class, SslAutoConfiguration.class,
					LitestreamKeysAutoConfiguration.class))
			.withPropertyValues("litestream.dbs[0].path=target/a.db", "litestream.dbs[1].path=target/b.db",
					"litestream.restore.on-startup=never", "litestream.replica.url=nats://localhost:1/backups",
					"litestream.shutdown-sync-timeout=0", "litestream.verification.interval=0",
					"litestream.dbs[0].replica.path=a", "litestream.dbs[1].replica.path=b")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				List<ReplicatedDatabase> databases = context.getBean(Litestream.class).databases();
				assertThat(databases).extracting((database) -> database.status().replica())
					.containsExactly("nats://localhost:1/backups/a", "nats://localhost:1/backups/b");
			});
	}

	private void bind(Consumer<LitestreamProperties> assertions, String... values) {
		this.context.withPropertyValues(values).run((context) -> {
			assertThat(context).hasNotFailed();
			assertions.accept(context.getBean(LitestreamProperties.class));
		});
	}

	private static String camelCase(String key) {
		StringBuilder result = new StringBuilder();
		for (String word : key.split("-")) {
			result.append(result.isEmpty() ? word : StringUtils.capitalize(word));
		}
		return result.toString();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(LitestreamProperties.class)
	static class OnlyProperties {

		@Bean
		static ConfigurationPropertiesBindHandlerAdvisor advisor() {
			return InheritingBindHandler::new;
		}

	}

}
