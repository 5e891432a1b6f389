package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.sql.DataSource;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.doctor.Finding;
import dev.litestream.spring.doctor.Severity;
import dev.litestream.spring.doctor.SqliteDoctor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the SQLite doctor finds in applications.
 */
@ExtendWith(OutputCaptureExtension.class)
class SqliteDoctorAutoConfigurationTests {

	/** Another test of this JVM may have loaded a second driver. */
	private static final String IGNORE_OTHER_TESTS = "litestream.doctor.ignore[0]=driver-copies";

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void logInformation() {
		((Logger) LoggerFactory.getLogger(SqliteDoctor.class)).setLevel(Level.INFO);
	}

	@AfterEach
	void logAsBefore() {
		((Logger) LoggerFactory.getLogger(SqliteDoctor.class)).setLevel(null);
	}

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		this.context = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
					SqliteDoctorAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues(this.notes.properties())
			.withPropertyValues(IGNORE_OTHER_TESTS, "spring.datasource.hikari.maximum-pool-size=2");
	}

	private ApplicationContextRunner contextWithUrl(String parameters) {
		return this.context.withPropertyValues("spring.datasource.url=" + this.notes.url() + parameters);
	}

	private static List<String> ids(ApplicationContext context) {
		return context.getBean(SqliteDoctor.class).report().findings().stream().map(Finding::id).toList();
	}

	@Test
	void nothingToSayOfGoodSettings(CapturedOutput output) {
		contextWithUrl("?transaction_mode=IMMEDIATE").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(ids(context)).isEmpty();
			assertThat(context.getBean(SqliteDoctor.class).report().sqliteVersion()).startsWith("3.");
		});
		assertThat(output).doesNotContain("SQLite doctor");
	}

	@ParameterizedTest
	@CsvSource({ "?transaction_mode=DEFERRED, transaction-mode", "'', transaction-mode",
			"?transaction_mode=IMMEDIATE&synchronous=OFF, synchronous",
			"?transaction_mode=IMMEDIATE&synchronous=NORMAL, synchronous",
			"?transaction_mode=IMMEDIATE&mmap_size=1000000, mmap-size" })
	void settingOfTheUrl(String parameters, String id) {
		contextWithUrl(parameters).run((context) -> assertThat(ids(context)).containsExactly(id));
	}

	@Test
	void settingOfThePool() {
		contextWithUrl("?transaction_mode=IMMEDIATE")
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=100")
			.run((context) -> assertThat(ids(context)).containsExactly("pool-size"));
	}

	@Test
	void settingThatThePoolMakesAfterwards() {
		contextWithUrl("?transaction_mode=IMMEDIATE")
			.withPropertyValues("spring.datasource.hikari.connection-init-sql=pragma wal_autocheckpoint=500")
			.run((context) -> assertThat(ids(context)).containsExactly("wal-autocheckpoint"));
	}

	@Test
	void connectionsThatCannotBePrepared() {
		this.context.withBean(DataSource.class, () -> new Unprepared(this.notes.url() + "?busy_timeout=0"))
			.run((context) -> assertThat(ids(context)).containsExactlyInAnyOrder("busy-timeout", "transaction-mode",
					"wal-autocheckpoint"));
	}

	@Test
	void connectionsThatCannotBeHad() {
		this.context.withBean(DataSource.class, () -> new Unavailable(this.notes.url())).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(SqliteDoctor.class).report().findings()).singleElement().satisfies((finding) -> {
				assertThat(finding.id()).isEqualTo("not-examined");
				assertThat(finding.severity()).isEqualTo(Severity.INFO);
				assertThat(finding.subject()).contains("of notes");
				assertThat(finding.meaning()).contains("SQLException").doesNotContain("secret");
			});
		});
	}

	@ParameterizedTest
	@CsvSource({ "true, true", "false, false" })
	void openInView(String value, boolean found) {
		new WebApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, SqliteDoctorAutoConfiguration.class,
							DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(WebApplication.class)
			.withPropertyValues(this.notes.properties())
			.withPropertyValues(IGNORE_OTHER_TESTS, "spring.datasource.hikari.maximum-pool-size=2",
					"spring.datasource.url=" + this.notes.url() + "?transaction_mode=IMMEDIATE",
					"spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect",
					"spring.jpa.open-in-view=" + value)
			.run((context) -> {
				if (found) {
					assertThat(ids(context)).containsExactly("open-in-view");
				}
				else {
					assertThat(ids(context)).isEmpty();
				}
			});
	}

	@ParameterizedTest
	@CsvSource({ "spring.jpa.hibernate.ddl-auto=create-drop", "spring.jpa.hibernate.ddlAuto=create",
			"spring.jpa.properties.hibernate.hbm2ddl.auto=create-drop",
			"spring.jpa.properties.jakarta.persistence.schema-generation.database.action=drop-and-create",
			"spring.liquibase.drop-first=true" })
	void settingThatDropsTables(String setting, CapturedOutput output) {
		contextWithUrl("?transaction_mode=IMMEDIATE")
			.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(WebApplication.class)
			.withPropertyValues(setting, "spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect")
			.run((context) -> assertThat(ids(context)).containsExactly("drops-tables"));
		assertThat(output.toString().lines().filter((line) -> line.contains("drops-tables"))).singleElement()
			.asString()
			.contains("WARN", setting.replace("ddlAuto", "ddl-auto"));
	}

	@ParameterizedTest
	@CsvSource({ "spring.jpa.hibernate.ddl-auto=update", "spring.jpa.hibernate.ddl-auto=validate",
			"spring.liquibase.drop-first=false" })
	void settingThatDropsNothing(String setting) {
		contextWithUrl("?transaction_mode=IMMEDIATE")
			.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(WebApplication.class)
			.withPropertyValues(setting, "spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect")
			.run((context) -> assertThat(ids(context)).isEmpty());
	}

	@Test
	void settingOfHibernateWithoutIt() {
		contextWithUrl("?transaction_mode=IMMEDIATE").withPropertyValues("spring.jpa.hibernate.ddl-auto=create-drop")
			.run((context) -> assertThat(ids(context)).isEmpty());
	}

	@Test
	void databaseThatNoDataSourceOpens() {
		NotesDatabase other = new NotesDatabase(this.directory, "other");
		NotesDatabase third = new NotesDatabase(this.directory, "third");
		this.context.withBean("other", DataSource.class, () -> new DriverManagerDataSource(other.url()))
			.withBean("third", DataSource.class, () -> new DriverManagerDataSource(third.url()))
			.run((context) -> {
				assertThat(context.getBean(SqliteDoctor.class).report().findings()).singleElement()
					.satisfies((finding) -> {
						assertThat(finding.id()).isEqualTo("database-without-datasource");
						assertThat(finding.subject()).isEqualTo(this.notes.path().toString());
						assertThat(finding.meaning()).contains(other.path() + " and " + third.path());
					});
			});
	}

	@Test
	void databaseThatIsNotReplicatedIsNotLookedAt() {
		contextWithUrl("?transaction_mode=IMMEDIATE")
			.withBean("other", DataSource.class,
					() -> new DriverManagerDataSource("jdbc:sqlite:" + this.directory.resolve("other.db")))
			.withBean("dataSource", DataSource.class,
					() -> new DriverManagerDataSource(this.notes.url() + "?transaction_mode=IMMEDIATE"))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(ids(context)).isEmpty();
				assertThat(this.directory.resolve("other.db")).doesNotExist();
			});
	}

	@Test
	void lazyDataSourceIsNotCreated() {
		contextWithUrl("").withBean("dataSource", DataSource.class, () -> {
			throw new IllegalStateException("created");
		}, (definition) -> definition.setLazyInit(true)).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(ids(context)).isEmpty();
		});
	}

	@Test
	void eachFindingIsOneLineInTheLog(CapturedOutput output) {
		contextWithUrl("?synchronous=OFF").run((context) -> {
			List<Finding> findings = context.getBean(SqliteDoctor.class).report().findings();
			assertThat(findings).extracting(Finding::id).containsExactly("synchronous", "transaction-mode");
			assertThat(output.toString().lines().filter((line) -> line.contains("SQLite doctor"))).satisfiesExactly(
					(line) -> assertThat(line).contains("WARN")
						.endsWith(findings.get(0).meaning() + " " + findings.get(0).cure()),
					(line) -> assertThat(line).contains("INFO")
						.endsWith(findings.get(1).meaning() + " " + findings.get(1).cure()));
		});
	}

	/** The URL of the README, with the pool that Spring Boot makes of it. */
	@Test
	void whatLosesNothingIsNoWarning(CapturedOutput output) {
		contextWithUrl("").withPropertyValues("spring.datasource.hikari.maximum-pool-size=100")
			.run((context) -> assertThat(ids(context)).containsExactlyInAnyOrder("transaction-mode", "pool-size"));
		assertThat(output.toString().lines().filter((line) -> line.contains("SQLite doctor"))).hasSize(2)
			.allMatch((line) -> line.contains("INFO"));
	}

	@Test
	void connectionsThatTheApplicationHoldsAreNotWaitedFor() {
		contextWithUrl("?transaction_mode=IMMEDIATE")
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=1",
					"spring.datasource.hikari.connection-timeout=250",
					"spring.datasource.hikari.connection-init-sql=pragma mmap_size=65536")
			.withBean(Holder.class)
			.run((context) -> assertThat(ids(context)).containsExactly("mmap-size"));
	}

	@Test
	void connectionThatMayBeTheApplicationsIsLeftToIt() {
		SingleConnectionDataSource dataSource = new SingleConnectionDataSource(this.notes.url(), true);
		this.context.withBean(DataSource.class, () -> dataSource)
			.run((context) -> assertThat(ids(context)).containsExactly("not-examined"));
		dataSource.destroy();
	}

	@Test
	void findingThatIsIgnored(CapturedOutput output) {
		contextWithUrl("").withPropertyValues("litestream.doctor.ignore[1]=transaction-mode")
			.run((context) -> assertThat(ids(context)).isEmpty());
		assertThat(output).doesNotContain("SQLite doctor");
	}

	@Test
	void disabled(CapturedOutput output) {
		contextWithUrl("").withPropertyValues("litestream.doctor.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(SqliteDoctor.class));
		assertThat(output).doesNotContain("SQLite doctor");
	}

	@Test
	void engineOfTheApplication() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
					SqliteDoctorAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withBean(LitestreamEngine.class, () -> LitestreamEngine.builder().build())
			.withPropertyValues("spring.datasource.url=" + this.notes.url(), IGNORE_OTHER_TESTS)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(ids(context)).isEmpty();
			});
	}

	@Test
	void guideExplainsEachFinding() throws Exception {
		Pattern id = Pattern.compile("new Finding\\(\"([a-z-]+)\"");
		Set<String> ids = new TreeSet<>();
		try (Stream<Path> sources = Files.list(Path.of("src/main/java/dev/litestream/spring/doctor"))) {
			for (Path source : sources.toList()) {
				id.matcher(Files.readString(source)).results().forEach((match) -> ids.add(match.group(1)));
			}
		}
		String guide = Files.readString(Path.of("../docs/sqlite-doctor.md"));
		Set<String> explained = new TreeSet<>();
		Pattern.compile("(?m)^\\| `([a-z-]+)` \\| (error|warning|info)")
			.matcher(guide)
			.results()
			.forEach((match) -> explained.add(match.group(1)));
		assertThat(ids).hasSizeGreaterThan(5).isEqualTo(explained);
	}

	@Test
	void nothingWithoutLitestream() {
		contextWithUrl("").withPropertyValues("litestream.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(SqliteDoctor.class)
				.doesNotHaveBean(StartupExamination.class));
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	static class WebApplication {

	}

	/** Keeps a connection for as long as it lives. */
	static final class Holder implements AutoCloseable {

		private final Connection connection;

		Holder(DataSource dataSource) throws SQLException {
			this.connection = dataSource.getConnection();
		}

		@Override
		public void close() throws SQLException {
			this.connection.close();
		}

	}

	/** A class whose connections cannot be had. */
	static final class Unavailable extends AbstractDriverBasedDataSource {

		Unavailable(String url) {
			setUrl(url);
		}

		@Override
		protected Connection getConnectionFromDriver(Properties properties) throws SQLException {
			throw new SQLException("no connection with the password 'secret'");
		}

	}

	/** A class that nothing can be put below. */
	static final class Unprepared extends AbstractDriverBasedDataSource {

		Unprepared(String url) {
			setUrl(url);
		}

		@Override
		protected Connection getConnectionFromDriver(Properties properties) throws SQLException {
			return DriverManager.getConnection(Objects.requireNonNull(getUrl()), properties);
		}

	}

}
