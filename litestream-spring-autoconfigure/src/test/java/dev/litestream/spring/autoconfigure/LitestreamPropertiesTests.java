package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.litestream.DatabaseOptions;
import dev.litestream.Durability;
import dev.litestream.IntegrityCheck;
import dev.litestream.LevelOptions;
import dev.litestream.MismatchAction;
import dev.litestream.ReplicaStartup;
import dev.litestream.RestoreOnStartup;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.nats.connection.NatsCredentials;
import dev.litestream.nats.connection.NatsKeepAlive;
import dev.litestream.nats.connection.NatsTls;
import dev.litestream.nats.connection.Secret;
import dev.litestream.test.TestCertificates;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

class LitestreamPropertiesTests {

	/** Made for this test with the `nk` tool's format; no server knows it. */
	private static final String SEED = "SUANUY34P4G7YNO3GTIHH4PS2IVYIEX66GHW6SQVBI6ASFFXTFVZXGWGGU";

	private static final String NKEY = "UBHUUX333WZ73VXCAR6NKYYVSPX4D23JZ25X4QKJT6H2CKWEZI7VDFKH";

	private static final String JWT = "e30." + Base64.getUrlEncoder()
		.withoutPadding()
		.encodeToString(("{\"sub\":\"" + NKEY + "\"}").getBytes(StandardCharsets.UTF_8)) + ".c2ln";

	@TempDir
	Path directory;

	@Test
	void defaultsAreThoseOfTheEngine() {
		LitestreamProperties properties = bind(
				Map.of("litestream.dbs[0].path", "data/app.db", "litestream.dbs[0].replica.path", "backup"));
		assertThat(options(properties))
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
				Map.entry("litestream.dbs[0].verification.interval", "12h"),
				Map.entry("litestream.verification.interval", "36h"),
				Map.entry("litestream.verification.max-read-rate", "3MB"),
				Map.entry("litestream.dbs[0].restore.integrity-check", "full"),
				Map.entry("litestream.dbs[0].replica.url", "file:///backup"),
				Map.entry("litestream.dbs[0].replica.on-mismatch", "resync"),
				Map.entry("litestream.dbs[0].replica.max-objects-per-second", "7.5")));
		assertThat(properties.getHealth().getMaxLag()).isEqualTo(Duration.ofMinutes(1));
		assertThat(options(properties))
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
				.verificationInterval(Duration.ofHours(12))
				.verificationBytesPerSecond(3 << 20)
				.onMismatch(MismatchAction.RESYNC)
				.build());
	}

	@Test
	void verificationOfAllDatabasesIsTheDefaultOfEach() {
		LitestreamProperties properties = bind(
				Map.of("litestream.dbs[0].path", "data/app.db", "litestream.verification.interval", "0"));
		assertThat(options(properties).verificationInterval()).isZero();
	}

	@Test
	void shutdownSyncTimeoutOfDatabaseWins() {
		LitestreamProperties properties = bind(Map.of("litestream.dbs[0].path", "data/app.db",
				"litestream.dbs[0].shutdown-sync-timeout", "5s", "litestream.shutdown-sync-timeout", "20s"));
		assertThat(options(properties).shutdownSyncTimeout()).isEqualTo(Duration.ofSeconds(5));
	}

	@Test
	void bindsEveryKeyOfLevels() {
		LitestreamProperties properties = bind(
				Map.of("litestream.levels[0].interval", "10s", "litestream.levels[1].interval", "2m",
						"litestream.snapshot.interval", "6h", "litestream.snapshot.retention", "72h",
						"litestream.l0-retention", "0", "litestream.l0-retention-check-interval", "1m",
						"litestream.retention.enabled", "false", "litestream.dbs[0].path", "data/app.db"));
		assertThat(levels(properties))
			.isEqualTo(new LevelOptions(List.of(Duration.ofSeconds(10), Duration.ofMinutes(2)), Duration.ofHours(6),
					Duration.ofHours(72), Duration.ZERO, Duration.ofMinutes(1), false));
	}

	@Test
	void levelsMayBeTheirIntervalsAlone() {
		for (Map<String, String> levels : List.of(Map.of("litestream.levels", "10s, 2m"),
				Map.of("litestream.levels[0]", "10s", "litestream.levels[1]", "2m"))) {
			Map<String, String> all = new HashMap<>(levels);
			all.put("litestream.dbs[0].path", "data/app.db");
			assertThat(levels(bind(all)).intervals()).containsExactly(Duration.ofSeconds(10), Duration.ofMinutes(2));
		}
	}

	@Test
	void namesOfLitestreamCount() {
		assertThat(options(bind(Map.of("litestream.dbs[0].path", "data/app.db", "litestream.dbs[0].sync-interval", "3s",
				"litestream.dbs[0].monitor-interval", "4s", "litestream.dbs[0].replica.sync-interval", "5s",
				"litestream.dbs[0].restore-if-db-not-exists", "false")))
			.syncInterval()).isEqualTo(Duration.ofSeconds(5));
		DatabaseOptions options = options(
				bind(Map.of("litestream.dbs[0].path", "data/app.db", "litestream.monitor-interval", "4s",
						"litestream.restore-if-db-not-exists", "false", "litestream.dbs[0].snapshot.interval", "2h",
						"litestream.dbs[0].snapshot.retention", "50h", "litestream.snapshot.retention", "60h")));
		assertThat(options.syncInterval()).isEqualTo(Duration.ofSeconds(4));
		assertThat(options.restoreOnStartup()).isEqualTo(RestoreOnStartup.NEVER);
		assertThat(options.levels())
			.isEqualTo(LevelOptions.DEFAULTS.withSnapshots(Duration.ofHours(2), Duration.ofHours(50)));
	}

	@Test
	void snapshotsOfOneDatabaseWin() {
		LitestreamProperties properties = bind(Map.of("litestream.snapshot.interval", "6h",
				"litestream.snapshot.retention", "72h", "litestream.dbs[0].replica.snapshot-interval", "1h",
				"litestream.dbs[0].replica.retention", "48h", "litestream.dbs[0].path", "data/app.db"));
		assertThat(levels(properties))
			.isEqualTo(LevelOptions.DEFAULTS.withSnapshots(Duration.ofHours(1), Duration.ofHours(48)));
	}

	private static LevelOptions levels(LitestreamProperties properties) {
		return options(properties).levels();
	}

	private static DatabaseOptions options(LitestreamProperties properties) {
		return ConfiguredDatabase.of(PropertyKey.ofDatabase(0), properties.getDbs().get(0), properties).options();
	}

	@Test
	void bindsEveryKeyOfNatsReplica() {
		LitestreamProperties properties = bind(Map.ofEntries(Map.entry("litestream.dbs[0].replica.type", "nats"),
				Map.entry("litestream.dbs[0].replica.url", "nats://one,two:4333"),
				Map.entry("litestream.dbs[0].replica.path", "app/prod"),
				Map.entry("litestream.dbs[0].replica.username", "app"),
				Map.entry("litestream.dbs[0].replica.password", "hush"),
				Map.entry("litestream.dbs[0].replica.domain", "hub"),
				Map.entry("litestream.dbs[0].replica.inbox-prefix", "_INBOX_app"),
				Map.entry("litestream.dbs[0].replica.tls", "true"),
				Map.entry("litestream.dbs[0].replica.tls-first", "true"),
				Map.entry("litestream.dbs[0].replica.insecure-skip-host-name-verification", "true"),
				Map.entry("litestream.dbs[0].replica.timeout", "3s"),
				Map.entry("litestream.dbs[0].replica.max-reconnects", "4"),
				Map.entry("litestream.dbs[0].replica.reconnect-wait", "1s"),
				Map.entry("litestream.dbs[0].replica.bucket.name", "backups"),
				Map.entry("litestream.dbs[0].replica.bucket.create", "true"),
				Map.entry("litestream.dbs[0].replica.bucket.replicas", "3"),
				Map.entry("litestream.dbs[0].replica.bucket.storage", "memory"),
				Map.entry("litestream.dbs[0].replica.bucket.max-bytes", "1GB"),
				Map.entry("litestream.dbs[0].replica.bucket.description", "Backups"),
				Map.entry("litestream.dbs[0].replica.bucket.placement.cluster", "east"),
				Map.entry("litestream.dbs[0].replica.bucket.placement.tags", "ssd,sync:always"),
				Map.entry("litestream.dbs[0].replica.bucket.metadata.owner", "team a"),
				Map.entry("litestream.dbs[0].replica.bucket.compression", "true"),
				Map.entry("litestream.dbs[0].replica.request-timeout", "4s"),
				Map.entry("litestream.dbs[0].replica.reconnect-jitter", "0"),
				Map.entry("litestream.dbs[0].replica.ping-interval", "30s"),
				Map.entry("litestream.dbs[0].replica.max-pings-out", "3"),
				Map.entry("litestream.dbs[0].replica.sync-always", "true"),
				Map.entry("litestream.dbs[0].replica.startup", "wait"),
				Map.entry("litestream.dbs[0].replica.require-durability", "cluster-synced")));
		ReplicaProperties replica = properties.getDbs().get(0).getReplica();
		assertThat(replica.getBucket().getMaxBytes()).isEqualTo(DataSize.ofGigabytes(1));
		var options = options(properties, null);
		assertThat(options.connection().servers()).containsExactly("one:4222", "two:4333");
		assertThat(options.bucket()).isEqualTo("backups");
		assertThat(options.path()).isEqualTo("app/prod");
		assertThat(options.connection().credentials())
			.isEqualTo(new NatsCredentials.UserPassword("app", Secret.of("hush")));
		assertThat(options.connection().name()).isEqualTo("litestream shop (app.db)");
		assertThat(options.domain()).isEqualTo("hub");
		assertThat(options.connection().inboxPrefix()).isEqualTo("_INBOX_app");
		assertThat(options.connection().tls())
			.isEqualTo(NatsTls.DEFAULTS.handshakeFirst().insecurelySkippingHostNameVerification());
		assertThat(options.connection().timeout()).isEqualTo(Duration.ofSeconds(3));
		assertThat(options.connection().maxReconnects()).isEqualTo(4);
		assertThat(options.connection().reconnectWait()).isEqualTo(Duration.ofSeconds(1));
		assertThat(options.bucketOptions()).isEqualTo(new NatsBucketOptions(true, 3, NatsBucketOptions.Storage.MEMORY,
				1L << 30, "Backups", new NatsBucketOptions.Placement("east", List.of("ssd", "sync:always")),
				Map.of("owner", "team a"), true));
		assertThat(options.requestTimeout()).isEqualTo(Duration.ofSeconds(4));
		assertThat(options.connection().keepAlive())
			.isEqualTo(new NatsKeepAlive(Duration.ZERO, Duration.ofSeconds(30), 3));
		assertThat(options.syncAlways()).isTrue();
		assertThat(replica.getStartup()).isEqualTo(ReplicaStartup.WAIT);
		assertThat(replica.getRequireDurability()).isEqualTo(Durability.CLUSTER_SYNCED);
	}

	@Test
	void bucketMayBeGivenByNameAlone() {
		NatsReplicaOptions options = options(bind(Map.of("litestream.dbs[0].replica.bucket", "backups")), null);
		assertThat(options.location()).isEqualTo("nats://localhost:4222/backups");
	}

	@Test
	void serversMayComeFromTheEnvironment() {
		String servers = "tls://app:hush@one,tls://two:4333";
		for (Map<String, String> replica : List.of(Map.of("litestream.dbs[0].replica.bucket.name", "backups"),
				Map.of("litestream.dbs[0].replica.url", "nats:///backups"))) {
			NatsReplicaOptions options = options(bind(replica), servers);
			assertThat(options.location()).isEqualTo("tls://one:4222,two:4333/backups");
			assertThat(options.connection().credentials())
				.isEqualTo(new NatsCredentials.UserPassword("app", Secret.of("hush")));
			assertThat(options.connection().tls().enabled()).isTrue();
		}
		assertThat(options(bind(Map.of("litestream.dbs[0].replica.url", "nats://three/backups")), servers).location())
			.isEqualTo("nats://three:4222/backups");
	}

	@Test
	void everyMethodOfAuthenticationIsBound() throws IOException {
		Path password = Files.writeString(this.directory.resolve("password"), "hush\n");
		assertThat(credentials(Map.of("username", "app", "password-file", password.toString())))
			.isEqualTo(new NatsCredentials.UserPassword("app", Secret.inFile(password)));
		assertThat(credentials(Map.of("token", "hush"))).isEqualTo(new NatsCredentials.Token(Secret.of("hush")));
		assertThat(credentials(Map.of("token-file", password.toString())))
			.isEqualTo(new NatsCredentials.Token(Secret.inFile(password)));
		Path seed = Files.writeString(this.directory.resolve("seed"), SEED);
		assertThat(credentials(Map.of("nkey", NKEY, "seed", SEED)))
			.isEqualTo(new NatsCredentials.NKey(NKEY, Secret.of(SEED)));
		assertThat(credentials(Map.of("nkey", NKEY, "seed-file", seed.toString())))
			.isEqualTo(new NatsCredentials.NKey(NKEY, Secret.inFile(seed)));
		assertThat(credentials(Map.of("jwt", JWT, "seed", SEED)))
			.isEqualTo(new NatsCredentials.Jwt(Secret.of(JWT), Secret.of(SEED)));
		Path creds = Files
			.writeString(this.directory.resolve("app.creds"),
					String.format(Locale.ROOT,
							"-----BEGIN NATS USER JWT-----\n%s\n------END NATS USER JWT------\n\n"
									+ "-----BEGIN USER NKEY SEED-----\n%s\n------END USER NKEY SEED------\n",
							JWT, SEED));
		assertThat(credentials(Map.of("creds", creds.toString())))
			.isEqualTo(new NatsCredentials.CredentialsFile(creds));
	}

	@Test
	void filesForTlsAreBound() {
		TestCertificates authority = TestCertificates.authority(this.directory, "ca");
		TestCertificates other = TestCertificates.authority(this.directory, "other");
		TestCertificates.Issued app = authority.issue("app");
		String key = "litestream.dbs[0].replica.";
		NatsReplicaOptions options = options(bind(Map.of(key + "url", "nats://h/b", key + "root-cas[0]",
				authority.certificate().toString(), key + "root-cas[1]", other.certificate().toString(),
				key + "client-cert", app.certificate().toString(), key + "client-key", app.key().toString())), null);
		assertThat(options.connection().tls())
			.isEqualTo(NatsTls.DEFAULTS.trusting(List.of(authority.certificate(), other.certificate()))
				.identifiedBy(app.certificate(), app.key()));
	}

	@Test
	void theConnectionTellsApplicationAndDatabases() {
		assertThat(ReplicaEnvironment.connectionName(null, List.of("a.db"))).isEqualTo("litestream (a.db)");
		assertThat(ReplicaEnvironment.connectionName("shop", List.of("a", "b", "c", "d", "e")))
			.isEqualTo("litestream shop (a, b, c and 2 more)");
	}

	private NatsCredentials credentials(Map<String, String> settings) {
		Map<String, String> properties = new HashMap<>(Map.of("litestream.dbs[0].replica.url", "nats://h/b"));
		settings.forEach((name, value) -> properties.put("litestream.dbs[0].replica." + name, value));
		return options(bind(properties), null).connection().credentials();
	}

	private static NatsReplicaOptions options(LitestreamProperties properties, @Nullable String natsUrl) {
		return new ConfiguredNatsReplica(new PropertyKey("litestream.dbs[0].replica"),
				properties.getDbs().get(0).getReplica(), new ReplicaEnvironment(natsUrl,
						ReplicaEnvironment.connectionName("shop", List.of("app.db")), () -> null),
				null)
			.options();
	}

	private static LitestreamProperties bind(Map<String, String> properties) {
		return new Binder(new MapConfigurationPropertySource(properties))
			.bind("litestream", Bindable.of(LitestreamProperties.class), new InheritingBindHandler(BindHandler.DEFAULT))
			.get();
	}

}
