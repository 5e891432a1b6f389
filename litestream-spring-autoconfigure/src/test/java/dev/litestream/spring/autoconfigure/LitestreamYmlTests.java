package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a file of the original becomes here.
 */
class LitestreamYmlTests {

	@Test
	void everyKeyThatAppliesIsBound() throws IOException {
		LitestreamProperties properties = bind("""
				sync-interval: 3s
				username: app
				password: ${secret}
				root-cas:
				  - ca.pem
				bucket: backups
				max-reconnects: 5
				levels:
				  - interval: 1m
				  - interval: 1h30m
				snapshot:
				  interval: 12h
				  retention: 1h30m0.5s
				l0-retention: 10m
				l0-retention-check-interval: 30s
				retention:
				  enabled: false
				shutdown-sync-timeout: 1m
				dbs:
				  - path: sqlite:///var/lib/app.db
				    meta-path: ~/spool
				    monitor-interval: 250ms
				    checkpoint-interval: 0
				    busy-timeout: 1500ms
				    min-checkpoint-page-count: 500
				    max-sync-wal-bytes: 1048576
				    restore-if-db-not-exists: true
				    snapshot:
				      retention: 48h
				    replicas:
				      - url: nats://h/other
				        reconnect-wait: 1.5s
				  - dir: ~/tenants
				    pattern: "*.db"
				    recursive: yes
				    watch: true
				    replica:
				      url: nats://a,b:4223
				""");
		assertThat(properties.getSyncInterval()).isEqualTo(Duration.ofSeconds(3));
		assertThat(properties.getLevels()).extracting(LitestreamProperties.Level::getInterval)
			.containsExactly(Duration.ofMinutes(1), Duration.ofMinutes(90));
		assertThat(properties.getSnapshot().getInterval()).isEqualTo(Duration.ofHours(12));
		assertThat(properties.getSnapshot().getRetention()).isEqualTo(Duration.ofMinutes(90).plusMillis(500));
		assertThat(properties.getL0Retention()).isEqualTo(Duration.ofMinutes(10));
		assertThat(properties.getRetention().isEnabled()).isFalse();
		DatabaseProperties first = properties.getDbs().get(0);
		assertThat(first.getPath()).isEqualTo("/var/lib/app.db");
		assertThat(first.getMetaPath()).isEqualTo(System.getProperty("user.home") + "/spool");
		assertThat(first.getMonitorInterval()).isEqualTo(Duration.ofMillis(250));
		assertThat(first.getCheckpointInterval()).isZero();
		assertThat(first.getBusyTimeout()).isEqualTo(Duration.ofMillis(1500));
		assertThat(first.getMinCheckpointPageCount()).isEqualTo(500);
		assertThat(first.getMaxSyncWalBytes().toBytes()).isEqualTo(1048576);
		assertThat(first.getRestoreIfDbNotExists()).isTrue();
		assertThat(first.getSnapshot().getRetention()).isEqualTo(Duration.ofHours(48));
		assertThat(first.getSnapshot().getInterval()).isEqualTo(Duration.ofHours(12));
		ReplicaProperties replica = ConfiguredReplica.of(PropertyKey.ofDatabase(0), first).properties();
		assertThat(replica.getReconnectWait()).isEqualTo(Duration.ofMillis(1500));
		assertThat(replica.getMaxReconnects()).isEqualTo(5);
		assertThat(replica.getUsername()).isEqualTo("app");
		assertThat(replica.getRootCas()).containsExactly("ca.pem");
		DatabaseProperties second = properties.getDbs().get(1);
		assertThat(second.getDir()).isEqualTo(System.getProperty("user.home") + "/tenants");
		assertThat(second.isRecursive()).isTrue();
		assertThat(second.getReplica().getBucket().getName()).isEqualTo("backups");
	}

	@Test
	void valuesAreNoPlaceholdersOfSpring() throws IOException {
		assertThat(translate("dbs:\n  - replica:\n      password: 'a${b}$c'\n"))
			.containsEntry("litestream.dbs[0].replica.password", "a\\${b}$c");
		assertThat(bind("dbs:\n  - replica:\n      password: 'a${b}$c'\n").getDbs().get(0).getReplica().getPassword())
			.isEqualTo("a\\${b}$c"); // until an environment resolves it
	}

	@Test
	void keysWithoutValueKeepTheirDefault() throws IOException {
		assertThat(translate("l0-retention:\nsnapshot:\n  interval: null\npassword: ''\n")).isEmpty();
	}

	@Test
	void numbersWithoutUnitAreLeftToBeRefused() throws IOException {
		assertThat(translate("snapshot:\n  retention: 24\nl0-retention: 0\n"))
			.containsEntry("litestream.snapshot.retention", 24)
			.containsEntry("litestream.l0-retention", "PT0S");
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			300ms, PT0.3S
			1.5h, PT1H30M
			1h30m, PT1H30M
			2us, PT0.000002S
			0, PT0S
			-1m, PT-1M
			.5s, PT0.5S
			""")
	void durationsOfGo(String text, Duration duration) {
		assertThat(GoDuration.parse(text)).isEqualTo(duration);
	}

	@ParameterizedTest
	@ValueSource(strings = { "1d", "1w", "5", "s", "1h 30m", "", "ten" })
	void whatGoDoesNotTakeForDuration(String text) {
		assertThat(GoDuration.parse(text)).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			$A/${B}-x         | a/b-x
			${A}$A_$AB        | a
			${MISSING}x       | x
			cost $ 5 and 5$   | cost $ 5 and 5$
			$1$$x$#           | x
			a${}b             | ab
			a${b              | ab
			${A:-other}       | ''
			$A.$B:$A          | a.b:a
			""")
	void variablesAreReplacedAsGoDoes(String text, String expanded) {
		Map<String, String> variables = Map.of("A", "a", "B", "b");
		assertThat(new VariableExpansion(variables::get).expand(text)).isEqualTo(expanded);
	}

	@Test
	void missingVariablesAreKnown() {
		VariableExpansion expansion = new VariableExpansion((name) -> name.equals("A") ? "$B" : null);
		assertThat(expansion.expand("$A$B${C}")).isEqualTo("$B");
		assertThat(expansion.missing()).containsExactly("B", "C");
	}

	private static LitestreamProperties bind(String yml) throws IOException {
		return new Binder(new MapConfigurationPropertySource(translate(yml)))
			.bind("litestream", Bindable.of(LitestreamProperties.class), new InheritingBindHandler(BindHandler.DEFAULT))
			.get();
	}

	private static Map<String, Object> translate(String yml) throws IOException {
		EnumerablePropertySource<?> file = (EnumerablePropertySource<?>) new YamlPropertySourceLoader()
			.load("test", new ByteArrayResource(yml.getBytes(StandardCharsets.UTF_8)))
			.get(0);
		Map<String, Object> values = new LinkedHashMap<>();
		new LitestreamYml(LogFactory.getLog(LitestreamYmlTests.class)).properties(file)
			.forEach((key, value) -> values.put(key, ((OriginTrackedValue) value).getValue()));
		return values;
	}

}
