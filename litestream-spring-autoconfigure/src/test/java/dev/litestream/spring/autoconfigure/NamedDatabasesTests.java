package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.Map;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Databases that stand below {@code litestream.dbs} by their names.
 */
@ExtendWith(OutputCaptureExtension.class)
class NamedDatabasesTests {

	@TempDir
	Path directory;

	private final ApplicationContextRunner context = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(LitestreamAutoConfiguration.class, LitestreamKeysAutoConfiguration.class));

	private ApplicationContextRunner shop() {
		return this.context.withPropertyValues("litestream.dbs.shop.path=" + this.directory.resolve("shop.db"),
				"litestream.dbs.shop.replica.url=" + this.directory.resolve("replica").toUri());
	}

	@Test
	void nameOfTheKeyIsTheNameOfTheDatabase() {
		shop()
			.withPropertyValues("litestream.dbs.audit.path=" + this.directory.resolve("audit.db"),
					"litestream.dbs.audit.name=other",
					"litestream.dbs.audit.replica.path=" + this.directory.resolve("audit-replica"))
			.run((context) -> assertThat(context.getBean(Litestream.class).databases())
				.extracting(ReplicatedDatabase::name)
				.containsExactlyInAnyOrder("shop", "other"));
	}

	@Test
	void oneVariableSetsOneKey(CapturedOutput output) {
		shop()
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment", Map
					.of("LITESTREAM_DBS_SHOP_REPLICA_URL", this.directory.resolve("elsewhere").toUri().toString()))))
			.run((context) -> {
				ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
				assertThat(database.path()).isEqualTo(this.directory.resolve("shop.db"));
				assertThat(database.status().replica()).endsWith("/elsewhere");
			});
		assertThat(output).doesNotContain("LITESTREAM_DBS_SHOP_REPLICA_URL");
	}

	@Test
	void listAndNamesStandBesideEachOther() {
		shop()
			.withPropertyValues("litestream.dbs[0].path=" + this.directory.resolve("first.db"),
					"litestream.dbs[0].replica.path=" + this.directory.resolve("first-replica"),
					"litestream.sync-interval=7s", "litestream.dbs.shop.sync-interval=3s")
			.run((context) -> {
				assertThat(context.getBean(Litestream.class).databases()).extracting(ReplicatedDatabase::name)
					.containsExactly("first.db", "shop");
				assertThat(context.getBean(LitestreamProperties.class).getDbs())
					.extracting((database) -> database.getSyncInterval().toSeconds())
					.containsExactly(7L, 3L);
			});
	}

	@ParameterizedTest
	@CsvSource({ "litestream.dbs.shop.pth=x, litestream.dbs.shop.pth, mean path?",
			"litestream.dbs.shop.meta-path=${replica}, litestream.dbs.shop, writes to already",
			"litestream.dbs.shop.busy-timeout=-1s, litestream.dbs.shop.busy-timeout, must not be negative",
			"litestream.dbs.replica.url=file:///x, litestream.dbs.replica.url, dbs[0].replica",
			"litestream.dbs.path=x, litestream.dbs.path, dbs[0].path" })
	void mistakesAreNamedByTheirKeys(String property, String key, String message) {
		shop().withPropertyValues("replica=" + this.directory.resolve("replica"))
			.withPropertyValues(property)
			.run((context) -> {
				Throwable failure = context.getStartupFailure();
				while (failure.getCause() != null) {
					failure = failure.getCause();
				}
				assertThat(failure).isInstanceOf(InvalidLitestreamPropertyException.class)
					.hasMessageStartingWith(key)
					.hasMessageContaining(message);
			});
	}

	@Test
	void serviceOfAPlatformIsNoDatabase() {
		this.context
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("LITESTREAM_DBS_SERVICE_HOST", "10.0.0.1", "LITESTREAM_DBS_PORT_4222_TCP", "x"))))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(Litestream.class));
	}

}
