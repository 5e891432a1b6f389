package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.NotesDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that says where to replicate to, and leaves it to Litestream to find the
 * database.
 */
class DiscoveredDatabaseTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void prepare() {
		this.notes = new NotesDatabase(this.directory).onlyInReplica("milk");
		this.context = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, LitestreamKeysAutoConfiguration.class))
			.withPropertyValues("litestream.replica.url=" + this.notes.replica().toUri(),
					"test.url=" + this.notes.url());
	}

	@Test
	void urlOfTheReplicaIsEnough() {
		this.context.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + this.notes.url() + "?foreign_keys=on")
			.run(this::assertReplicated);
	}

	@Test
	void urlOfTheReplicaMayComeFromTheEnvironment() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
					LitestreamKeysAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("LITESTREAM_REPLICA_URL", this.notes.replica().toUri().toString(), "LITESTREAM", "x"))))
			.withPropertyValues("spring.datasource.url=" + this.notes.url())
			.run(this::assertReplicated);
	}

	@Test
	void restoreComesBeforeFlywayWithItsOwnConnection() {
		this.context.withUserConfiguration(Pool.class)
			.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.url=" + this.notes.url(), "spring.flyway.baseline-on-migrate=true")
			.run((context) -> {
				assertReplicated(context);
				// a baseline is only made in a schema that is not empty
				assertThat(context.getBean(org.flywaydb.core.Flyway.class).info().current().getType().isBaseline())
					.isTrue();
			});
	}

	@Test
	void poolThatHasNotStarted() {
		this.context.withUserConfiguration(Pool.class).run(this::assertReplicated);
	}

	@Test
	void dataSourceOfSqliteJdbc() {
		this.context.withUserConfiguration(OfDriver.class).run(this::assertReplicated);
	}

	@Test
	void lazyDataSource() {
		this.context.withUserConfiguration(LazyPool.class).run(this::assertReplicated);
	}

	@Test
	void dataSourceBesideThoseOfOtherDatabases() {
		this.context.withUserConfiguration(BesideOthers.class)
			.run((context) -> assertReplicated(context, context.getBean("notes", DataSource.class)));
	}

	@Test
	void settingsForAllCount() {
		this.context.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + this.notes.url(), "litestream.restore.on-startup=never")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(this.notes.path()).doesNotExist();
			});
	}

	@Test
	void wrongSettingIsNamedAsItIsWritten() {
		this.context.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + this.notes.url(), "litestream.busy-timeout=-1s")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("litestream.busy-timeout must not be negative"));
	}

	@Test
	void poolThatHasOpenedTheDatabaseAlready() {
		this.context.withUserConfiguration(EagerPool.class)
			.run((context) -> assertRefused(context, "has opened " + this.notes.path() + " before it could be restored",
					"litestream.dbs[0].path"));
	}

	@Test
	void poolThatHasOpenedTheDatabaseOfTheUrl() {
		this.context.withUserConfiguration(EagerPool.class)
			.withPropertyValues("spring.datasource.url=" + this.notes.url())
			.run(this::assertReplicated);
	}

	@Test
	void twoDatabases() {
		this.context.withUserConfiguration(Pool.class, OfOtherFile.class)
			.withPropertyValues("test.other-url=jdbc:sqlite:" + this.directory.resolve("other.db"))
			.run((context) -> assertRefused(context, "more than one SQLite database: ",
					"Name each database to replicate in litestream.dbs[].path"));
	}

	@Test
	void dataSourceThatIsNotTheOneOfTheUrl() {
		this.context.withUserConfiguration(OfOtherFile.class)
			.withPropertyValues("spring.datasource.url=" + this.notes.url(),
					"test.other-url=jdbc:sqlite:" + this.directory.resolve("other.db"))
			.run((context) -> assertRefused(context, "other.db of the DataSource 'other'", "Name each database"));
	}

	@Test
	void twoDataSourcesOfOneFile() {
		this.context.withUserConfiguration(Pool.class, OfOtherFile.class)
			.withPropertyValues("test.other-url=" + this.notes.url())
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(Litestream.class).databases()).hasSize(1);
			});
	}

	@Test
	void dataSourceThatIsNoBeanOfTheContainer() {
		this.context
			.withInitializer((context) -> context.getBeanFactory()
				.registerSingleton("notes", new DriverManagerDataSource(this.notes.url())))
			.run((context) -> assertRefused(context, "was created too early to be examined", "litestream.dbs[0].path"));
	}

	@Test
	void noDataSource() {
		this.context.run((context) -> assertRefused(context, "no DataSource bean shows the URL of a SQLite database",
				"litestream.dbs[0].path"));
	}

	@Test
	void inMemoryUrl() {
		for (String url : List.of("jdbc:sqlite::memory:", "jdbc:sqlite:file:app?mode=memory&cache=shared",
				"jdbc:sqlite:")) {
			this.context.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
				.withPropertyValues("spring.datasource.url=" + url)
				.run((context) -> assertRefused(context, "names an in-memory database", "jdbc:sqlite:data/app.db"));
		}
	}

	@Test
	void inMemoryDataSource() {
		this.context.withUserConfiguration(OfOtherFile.class)
			.withPropertyValues("test.other-url=jdbc:sqlite::memory:")
			.run((context) -> assertRefused(context, "the DataSource 'other' has its database in memory",
					"Give the DataSource a database file"));
	}

	@Test
	void configuredDatabaseIsTheOnlyOne() {
		this.context.withUserConfiguration(Pool.class, OfOtherFile.class)
			.withPropertyValues("test.other-url=jdbc:sqlite:" + this.directory.resolve("other.db"),
					"litestream.dbs[0].path=" + this.notes.path())
			.run((context) -> assertThat(context.getBean(Litestream.class).databases())
				.extracting(ReplicatedDatabase::path)
				.containsExactly(this.notes.path()));
	}

	private void assertReplicated(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		assertReplicated(context, context.getBean(DataSource.class));
	}

	private void assertReplicated(AssertableApplicationContext context, DataSource dataSource) {
		assertThat(context).hasNotFailed();
		assertThat(NotesDatabase.notes(dataSource)).containsExactly("milk");
		List<ReplicatedDatabase> databases = context.getBean(Litestream.class).databases();
		assertThat(databases).hasSize(1);
		NotesDatabase.insert(dataSource, "bread");
		try {
			assertThat(databases.get(0).sync(Duration.ofSeconds(30))).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void assertRefused(AssertableApplicationContext context, String problem, String cure) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new LitestreamFailureAnalyzer(null).analyze(context.getStartupFailure());
		assertThat(analysis).isNotNull();
		assertThat(analysis.getDescription()).contains(problem);
		assertThat(analysis.getAction()).contains(cure);
		assertThat(Files.exists(this.directory.resolve("other.db"))).isFalse();
	}

	private static HikariDataSource pool(String url) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url);
		return pool;
	}

	@Configuration(proxyBeanMethods = false)
	static class Pool {

		@Bean
		HikariDataSource notes(Environment environment) {
			return pool(environment.getRequiredProperty("test.url"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyPool {

		@Bean
		@Lazy
		HikariDataSource notes(Environment environment) {
			return pool(environment.getRequiredProperty("test.url"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EagerPool {

		@Bean
		HikariDataSource notes(Environment environment) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(environment.getRequiredProperty("test.url"));
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfDriver {

		@Bean
		SQLiteDataSource notes(Environment environment) {
			SQLiteDataSource dataSource = new SQLiteDataSource();
			dataSource.setUrl(environment.getRequiredProperty("test.url"));
			return dataSource;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfOtherFile {

		@Bean
		DataSource other(Environment environment) {
			return new DriverManagerDataSource(environment.getRequiredProperty("test.other-url"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BesideOthers {

		@Bean
		DataSource warehouse() {
			return new DriverManagerDataSource("jdbc:postgresql://localhost/warehouse");
		}

		@Bean
		HikariDataSource notes(Environment environment) {
			return pool(environment.getRequiredProperty("test.url"));
		}

		@Bean
		DataSource cache() {
			return new DriverManagerDataSource("jdbc:sqlite::memory:");
		}

	}

}
