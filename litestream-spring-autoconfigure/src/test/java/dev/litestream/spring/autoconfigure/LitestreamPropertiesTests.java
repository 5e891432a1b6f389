package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.Map;

import dev.litestream.IntegrityCheck;
import dev.litestream.MismatchAction;
import dev.litestream.RestoreOnStartup;
import dev.litestream.nats.NatsBucketOptions;
import dev.litestream.spring.autoconfigure.LitestreamProperties.Database;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

class LitestreamPropertiesTests {

	@Test
	void defaultsAreThoseOfTheEngine() {
		LitestreamProperties properties = bind(
				Map.of("litestream.dbs[0].path", "data/app.db", "litestream.dbs[0].replica.path", "backup"));
		Database database = properties.getDbs().get(0);
		PropertyKey key = PropertyKey.ofDatabase(0);
		assertThat(new DatabaseOptionsFactory(key, database, properties.getShutdownSyncTimeout()).create())
			.isEqualTo(dev.litestream.DatabaseOptions.of(java.nio.file.Path.of("data/app.db")).build());
	}

	@Test
	void bindsEveryKeyOfDatabase() {
		LitestreamProperties properties = bind(Map.ofEntries(Map.entry("litestream.shutdown-sync-timeout", "20s"),
				Map.entry("litestream.health.max-lag", "1m"), Map.entry("litestream.dbs[0].path", "data/app.db"),
				Map.entry("litestream.dbs[0].name", "app"), Map.entry("litestream.dbs[0].meta-path", "/var/spool/app"),
				Map.entry("litestream.dbs[0].sync-interval", "2s"),
				Map.entry("litestream.dbs[0].checkpoint-interval", "3m"),
				Map.entry("litestream.dbs[0].min-checkpoint-page-count", "400"),
				Map.entry("litestream.dbs[0].busy-timeout", "500ms"),
				Map.entry("litestream.dbs[0].max-sync-wal-bytes", "6MB"),
				Map.entry("litestream.dbs[0].restore.on-startup", "always"),
				Map.entry("litestream.dbs[0].restore.integrity-check", "full"),
				Map.entry("litestream.dbs[0].replica.url", "file:///backup"),
				Map.entry("litestream.dbs[0].replica.on-mismatch", "resync"),
				Map.entry("litestream.dbs[0].replica.max-objects-per-second", "7.5")));
		assertThat(properties.getHealth().getMaxLag()).isEqualTo(Duration.ofMinutes(1));
		Database database = properties.getDbs().get(0);
		assertThat(new DatabaseOptionsFactory(PropertyKey.ofDatabase(0), database, properties.getShutdownSyncTimeout())
			.create())
			.isEqualTo(dev.litestream.DatabaseOptions.of(java.nio.file.Path.of("data/app.db"))
				.name("app")
				.metaPath(java.nio.file.Path.of("/var/spool/app"))
				.syncInterval(Duration.ofSeconds(2))
				.checkpointInterval(Duration.ofMinutes(3))
				.minCheckpointPages(400)
				.busyTimeout(Duration.ofMillis(500))
				.maxSyncBytes(6 << 20)
				.maxObjectsPerSecond(7.5)
				.shutdownSyncTimeout(Duration.ofSeconds(20))
				.restoreOnStartup(RestoreOnStartup.ALWAYS)
				.integrityCheck(IntegrityCheck.FULL)
				.onMismatch(MismatchAction.RESYNC)
				.build());
	}

	@Test
	void shutdownSyncTimeoutOfDatabaseWins() {
		LitestreamProperties properties = bind(Map.of("litestream.dbs[0].path", "data/app.db",
				"litestream.dbs[0].shutdown-sync-timeout", "5s", "litestream.shutdown-sync-timeout", "20s"));
		assertThat(new DatabaseOptionsFactory(PropertyKey.ofDatabase(0), properties.getDbs().get(0),
				properties.getShutdownSyncTimeout())
			.create()
			.shutdownSyncTimeout()).isEqualTo(Duration.ofSeconds(5));
	}

	@Test
	void bindsEveryKeyOfNatsReplica() {
		LitestreamProperties properties = bind(Map.ofEntries(Map.entry("litestream.dbs[0].replica.type", "nats"),
				Map.entry("litestream.dbs[0].replica.url", "nats://one,two:4333"),
				Map.entry("litestream.dbs[0].replica.path", "app/prod"),
				Map.entry("litestream.dbs[0].replica.username", "app"),
				Map.entry("litestream.dbs[0].replica.password", "hush"),
				Map.entry("litestream.dbs[0].replica.timeout", "3s"),
				Map.entry("litestream.dbs[0].replica.max-reconnects", "4"),
				Map.entry("litestream.dbs[0].replica.reconnect-wait", "1s"),
				Map.entry("litestream.dbs[0].replica.bucket.name", "backups"),
				Map.entry("litestream.dbs[0].replica.bucket.create", "true"),
				Map.entry("litestream.dbs[0].replica.bucket.replicas", "3"),
				Map.entry("litestream.dbs[0].replica.bucket.storage", "memory"),
				Map.entry("litestream.dbs[0].replica.bucket.max-bytes", "1GB"),
				Map.entry("litestream.dbs[0].replica.bucket.description", "Backups")));
		ReplicaProperties replica = properties.getDbs().get(0).getReplica();
		assertThat(replica.getBucket().getMaxBytes()).isEqualTo(DataSize.ofGigabytes(1));
		var options = new NatsReplicaClientFactory(new PropertyKey("litestream.dbs[0].replica"), replica, null)
			.options();
		assertThat(options.servers()).containsExactly("one:4222", "two:4333");
		assertThat(options.bucket()).isEqualTo("backups");
		assertThat(options.path()).isEqualTo("app/prod");
		assertThat(options.username()).isEqualTo("app");
		assertThat(options.password()).isEqualTo("hush");
		assertThat(options.connectionTimeout()).isEqualTo(Duration.ofSeconds(3));
		assertThat(options.maxReconnects()).isEqualTo(4);
		assertThat(options.reconnectWait()).isEqualTo(Duration.ofSeconds(1));
		assertThat(options.bucketOptions())
			.isEqualTo(new NatsBucketOptions(true, 3, NatsBucketOptions.Storage.MEMORY, 1L << 30, "Backups"));
	}

	private static LitestreamProperties bind(Map<String, String> properties) {
		return new Binder(new MapConfigurationPropertySource(properties)).bind("litestream", LitestreamProperties.class)
			.get();
	}

}
