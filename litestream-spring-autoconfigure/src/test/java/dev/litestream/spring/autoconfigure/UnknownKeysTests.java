package dev.litestream.spring.autoconfigure;

import java.util.Map;
import java.util.Properties;

import dev.litestream.test.Hazard;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertiesPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keys that nothing reads stop the start-up and say which one was meant.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnknownKeysTests {

	private @Nullable Environment environment;

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withInitializer((context) -> this.environment = context.getEnvironment())
		.withConfiguration(AutoConfigurations.of(LitestreamKeysAutoConfiguration.class));

	@ParameterizedTest
	@Hazard("E10")
	@CsvSource(textBlock = """
			litestream.dbs[0].replica.bukket,            Did you mean bucket?
			litestream.dbs[0].replica.usrname,           Did you mean username?
			litestream.dbs[0].replica.bucket.replica,    Did you mean replicas?
			litestream.dbs[0].pth,                       Did you mean path?
			litestream.snapshot.retension,               Did you mean retention?
			litestream.l0-retantion,                     Did you mean l0-retention?
			litestream.db[0].path,                       Did you mean dbs?
			litestream.dbs.path,                         Did you mean litestream.dbs[0].path (dbs is a list)?
			litestream.username,                         Did you mean litestream.replica.username?
			litestream.dbs[0].root-cas,                  Did you mean litestream.dbs[0].replica.root-cas?
			litestream.dbs[0].restore.url,               Did you mean litestream.dbs[0].replica.url?
			litestream.levels[0].url,                    Did you mean litestream.replica.url?
			litestream.enabled.or-not,                   docs/properties.md has all keys
			litestream.quality,                          docs/properties.md has all keys
			litestream.exec,                             the application replicates its database itself
			litestream.addr,                             management.server.port
			litestream.mcp-addr,                         Actuator
			litestream.socket.path,                      Actuator
			litestream.logging.level,                    logging.level.dev.litestream
			litestream.heartbeat-url,                    health
			litestream.validation.interval,              verification.interval
			litestream.truncate-page-n,                  min-checkpoint-page-count
			litestream.dbs[0].truncate-page-n,           min-checkpoint-page-count
			litestream.dbs[0].meta-dir,                  meta-path
			litestream.levels[0].retention,              snapshot.retention
			litestream.dbs[0].replica.age.identities[0], nor by Litestream 0.5
			litestream.dbs[0].replica.access-key-id,     replicated to NATS or to a directory
			litestream.dbs[0].replicas[0].sas-token,     replicated to NATS or to a directory
			litestream.replica.secret-access-key,        replicated to NATS or to a directory
			litestream.region,                           replicated to NATS or to a directory
			litestream.dbs[0].replica.max-sync-ltx-files, max-objects-per-second
			litestream.dbs[0].replica.auto-recover,      resync
			""")
	void unknownKeyIsRefused(String key, String cure) {
		this.context.withPropertyValues(key + "=hush").run((context) -> {
			FailureAnalysis analysis = new LitestreamFailureAnalyzer(this.environment)
				.analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription()).startsWith("The property '" + key + "' is ").doesNotContain("hush");
			assertThat(analysis.getAction()).contains(cure).doesNotContain("hush");
		});
	}

	@Test
	void elementWithNothingButSlips() {
		this.context.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
			.withPropertyValues("litestream.dbs[0].pth=x")
			.run((context) -> assertThat(context.getStartupFailure()).hasMessageContaining("Did you mean path?"));
	}

	@Test
	void allAreNamedAtOnce() {
		this.context.withPropertyValues("litestream.dbs[0].replica.bukket=b", "litestream.dbs[0].pth=x")
			.run((context) -> assertThat(context.getStartupFailure()).hasMessageContaining("Not known either: ")
				.hasMessageContaining("litestream.dbs[0].replica.bukket")
				.hasMessageContaining("litestream.dbs[0].pth"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "litestream.dbs[0].replica.root-cas=a,b", "litestream.dbs[0].replica.rootCas[1]=b",
			"litestream.dbs[0].replica.bucket=backups", "litestream.dbs[0].replica.bucket.metadata.any.thing=x",
			"litestream.dbs[0].replica.bucket.metadata[any.thing]=x", "litestream.dbs[1].meta_path=x",
			"litestream.dbs=", "litestream.replica.bucket.placement.tags[0]=x", "litestream.dbs[0].replicas[0].url=x",
			"litestream.L0RETENTION=5m", "litestreams.foo=x", "other.litestream.foo=x" })
	void knownKeysInAllFormsAreTaken(String property) {
		this.context.withPropertyValues(property).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void nothingIsRefusedWhenDisabled() {
		this.context.withPropertyValues("litestream.enabled=false", "litestream.exec=x")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void originIsNamed() {
		this.context
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("from the vault", Map.of("litestream.dbs[0].pth", "x"))))
			.run((context) -> assertThat(
					new LitestreamFailureAnalyzer(this.environment).analyze(context.getStartupFailure())
						.getDescription())
				.endsWith("It is set in \"litestream.dbs[0].pth\" from property source \"from the vault\"."));
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			LITESTREAM_DBS_0_REPLICA_URI,             LITESTREAM_DBS_0_REPLICA_URL
			LITESTREAM_DBS_3_REPLICA_PASWORD,         LITESTREAM_DBS_3_REPLICA_PASSWORD
			LITESTREAM_REPLICA_BUKET_NAME,            LITESTREAM_REPLICA_BUCKET_NAME
			LITESTREAM_SNAPSHOT_INTERVALL,            LITESTREAM_SNAPSHOT_INTERVAL
			""")
	void slipInTheEnvironmentIsWarnedAbout(String variable, String meant, CapturedOutput output) {
		withVariable(variable).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("environment variable " + variable + " is not known")
			.contains("Perhaps " + meant + " is meant")
			.doesNotContain("hush");
	}

	@Test
	void variableThatCanOnlyBeOursIsWarnedAbout(CapturedOutput output) {
		withVariable("LITESTREAM_DBS_0_REPLICA_COLOUR_OF_BUCKET").run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("LITESTREAM_DBS_0_REPLICA_COLOUR_OF_BUCKET is not known")
			.contains("docs/properties.md");
	}

	@ParameterizedTest
	@ValueSource(strings = { "LITESTREAM_ACCESS_KEY_ID", "LITESTREAM_SECRET_ACCESS_KEY", "LITESTREAM_CONFIG",
			"LITESTREAM_SERVICE_HOST", "LITESTREAM_REPLICA_SERVICE_HOST", "LITESTREAM_REPLICA_PORT",
			"LITESTREAM_PORT_4222_TCP", "LITESTREAM", "LITESTREAM_DBS_0_REPLICA_URL",
			"LITESTREAM_DBS_12_REPLICA_MAX_RECONNECTS", "LITESTREAM_DBS_0_REPLICA_MAXRECONNECTS",
			"LITESTREAM_REPLICA_ROOTCAS_0", "LITESTREAM_DBS_0_REPLICA_BUCKET_METADATA_OWNER", "LITESTREAM_L0_RETENTION",
			"LITESTREAM_LEVELS_0_INTERVAL" })
	void otherVariablesOfTheEnvironmentAreLeftAlone(String variable, CapturedOutput output) {
		withVariable(variable).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("is not known");
	}

	private ApplicationContextRunner withVariable(String variable) {
		return this.context.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new SystemEnvironmentPropertySource("systemEnvironment", Map.of(variable, "hush"))));
	}

	@Test
	void fileNamedByTheApplicationIsCheckedInFull() {
		Properties file = new Properties();
		file.setProperty("litestream.tools", "/opt");
		this.context
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addLast(new PropertiesPropertySource("class path resource [own.properties]", file)))
			.run((context) -> assertThat(context.getStartupFailure())
				.hasMessageContaining("litestream.tools is not known"));
	}

	@Test
	void systemPropertyIsRefusedIfItLooksLikeOurs() {
		this.context.withSystemProperties("litestream.tools=/opt").run((context) -> assertThat(context).hasNotFailed());
		this.context.withSystemProperties("litestream.enable=true")
			.run((context) -> assertThat(context.getStartupFailure()).hasMessageContaining("Did you mean enabled?"));
	}

}
