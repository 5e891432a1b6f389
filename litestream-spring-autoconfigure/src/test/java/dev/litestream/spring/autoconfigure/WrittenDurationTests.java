package dev.litestream.spring.autoconfigure;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Durations without a unit, and those that can only be a slip, stop the start-up.
 */
class WrittenDurationTests {

	private @Nullable Environment environment;

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withInitializer((context) -> this.environment = context.getEnvironment())
		.withConfiguration(AutoConfigurations.of(LitestreamKeysAutoConfiguration.class));

	@ParameterizedTest
	@ValueSource(strings = { "litestream.snapshot.retention", "litestream.snapshot.interval", "litestream.l0-retention",
			"litestream.levels[1].interval", "litestream.levels[0]", "litestream.levels", "litestream.health.max-lag",
			"litestream.endpoint.verify-interval", "litestream.replica.timeout", "litestream.dbs[0].sync-interval",
			"litestream.dbs[0].replica.retention", "litestream.dbs[0].replicas[0].ping-interval",
			"litestream.dbs.shop.verification.interval" })
	void bareNumberIsRefused(String key) {
		this.context.withPropertyValues("litestream.levels[0].interval=30s", key + "=24")
			.run(refused(key, "has no unit (got 24)", "Write the unit: 24h, 24m, 24s or 24ms."));
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			litestream.snapshot.retention,              59s,  1m
			litestream.dbs[0].replica.retention,        24ms, 1m
			litestream.dbs[0].snapshot.interval,        1ns,  1m
			litestream.sync-interval,                   1us,  1ms
			litestream.dbs.shop.monitor-interval,       1ns,  1ms
			litestream.levels[0].interval,              1ms,  100ms
			litestream.levels,                          1ms,  100ms
			litestream.dbs[0].replicas[0].timeout,      1ms,  100ms
			litestream.busy-timeout,                    1us,  1ms
			""")
	void whatCanOnlyBeASlipIsRefused(String key, String value, String shortest) {
		this.context.withPropertyValues(key + "=" + value)
			.run(refused(key, "is too short (got " + value + "): the shortest allowed is " + shortest,
					"Write " + shortest + " or longer."));
	}

	@ParameterizedTest
	@ValueSource(strings = { "litestream.snapshot.retention=24h", "litestream.snapshot.retention=PT24H",
			"litestream.snapshot.retention=1m", "litestream.l0-retention=0", "litestream.verification.interval=0",
			"litestream.checkpoint-interval=0", "litestream.dbs[0].shutdown-sync-timeout=0",
			"litestream.levels=30s, 5m, 1h", "litestream.snapshot.retention=${not.set:24h}",
			"litestream.min-checkpoint-page-count=24", "litestream.replica.max-objects-per-second=5" })
	void whatIsMeantIsTaken(String property) {
		this.context.withPropertyValues(property).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void oneOfSeveralLevels() {
		this.context.withPropertyValues("litestream.levels=30s, 5, 1h")
			.run(refused("litestream.levels", "has no unit (got 5)", "Write the unit: 5h, 5m, 5s or 5ms."));
	}

	@Test
	void placeholdersAreReplacedBefore() {
		this.context.withPropertyValues("retention=24", "litestream.snapshot.retention=${retention}")
			.run(refused("litestream.snapshot.retention", "has no unit (got 24)", "24h"));
	}

	@Test
	void whatIsOverruledDoesNotCount() {
		this.context
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addLast(new MapPropertySource("weak", Map.of("litestream.snapshot.retention", "24"))))
			.withPropertyValues("litestream.snapshot.retention=24h")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			LITESTREAM_SNAPSHOT_RETENTION,            litestream.snapshot.retention
			LITESTREAM_SHUTDOWN_SYNC_TIMEOUT,         litestream.shutdown-sync-timeout
			LITESTREAM_SHUTDOWNSYNCTIMEOUT,           litestream.shutdown-sync-timeout
			LITESTREAM_LEVELS_0_INTERVAL,             litestream.levels[0].interval
			LITESTREAM_DBS_0_REPLICA_REQUEST_TIMEOUT, litestream.dbs[0].replica.request-timeout
			""")
	void environmentVariablesCountToo(String variable, String key) {
		this.context
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment", Map.of(variable, "24"))))
			.run(refused(key, "has no unit (got 24)", "24h"));
	}

	@Test
	void nothingIsRefusedWhenDisabled() {
		this.context.withPropertyValues("litestream.enabled=false", "litestream.snapshot.retention=24")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void eachDurationHasALeast() {
		KnownKeys known = KnownKeys.of(LitestreamProperties.class);
		List<ConfigurationPropertyName> durations = known.leaves()
			.stream()
			.map((leaf) -> ConfigurationPropertyName.of("litestream." + leaf.replace("[]", "[0]")))
			.filter((name) -> known.isDuration(name.subName(1)))
			.toList();
		assertThat(durations).hasSizeGreaterThan(20)
			.allSatisfy((name) -> assertThat(WrittenDuration.shortest(name)).isNotNull());
	}

	private ContextConsumer<AssertableApplicationContext> refused(String key, String problem, String cure) {
		return (context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = new LitestreamFailureAnalyzer(this.environment)
				.analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription()).startsWith("The property '" + key + "' " + problem + ".")
				.contains("It is set in");
			assertThat(analysis.getAction()).contains(cure);
		};
	}

}
