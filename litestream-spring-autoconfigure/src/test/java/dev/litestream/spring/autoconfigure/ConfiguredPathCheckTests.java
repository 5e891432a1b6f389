package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import javax.sql.DataSource;

import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.UnsupportedConnectionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * A path that is meant to be the DataSource's and is not, and connections that cannot be
 * replicated, stop the start-up even if nothing opens a connection then.
 */
class ConfiguredPathCheckTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory.resolve("target"));
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		this.context = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
					SqliteDoctorAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues(this.notes.properties());
	}

	private ApplicationContextRunner contextWithUrl(String url) {
		return this.context.withPropertyValues("spring.datasource.url=" + url);
	}

	private void assertRefused(ApplicationContextRunner runner, String problem, String cure) {
		runner.run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = new LitestreamFailureAnalyzer(new StandardEnvironment())
				.analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription()).contains(problem);
			assertThat(analysis.getAction()).contains(cure);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:sqlite:data/notes.db", "jdbc:sqlite:notes.db",
			"jdbc:sqlite:file:./data/notes.db?mode=rwc" })
	void urlIsRelativeToAnotherDirectory(String url) {
		assertRefused(contextWithUrl(url).withPropertyValues("spring.datasource.hikari.initialization-fail-timeout=-1"),
				"names " + this.notes.path() + ", but the DataSource 'dataSource' opens "
						+ Path.of("").toAbsolutePath(),
				"the same absolute path");
	}

	@ParameterizedTest
	@ValueSource(strings = { "target/data/notes.db", "./target/data/notes.db" })
	void pathIsRelativeToAnotherDirectory(String path) {
		assertRefused(
				contextWithUrl(this.notes.url()).withPropertyValues("litestream.dbs[0].path=" + path,
						"litestream.dbs[0].restore.on-startup=never"),
				"but the DataSource 'dataSource' opens " + this.notes.path(), "the same absolute path");
	}

	@Test
	void pathIsWrittenInAnotherCase() {
		assertRefused(contextWithUrl("jdbc:sqlite:" + this.notes.path().resolveSibling("Notes.db")),
				"differs only by its spelling", "the same absolute path");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:sqlite::memory:", "jdbc:sqlite:", "jdbc:sqlite:file::memory:?cache=shared",
			"jdbc:sqlite:file:notes?mode=memory" })
	void databaseIsInMemory(String url) {
		assertRefused(contextWithUrl(url), "the DataSource 'dataSource' has its database in memory",
				"Write 'jdbc:sqlite:" + this.notes.path() + "' as the JDBC URL");
	}

	@Test
	void databaseInMemoryBesideTheReplicatedOne() {
		this.context.withBean("dataSource", DataSource.class, () -> new DriverManagerDataSource(this.notes.url()))
			.withBean("cache", DataSource.class, () -> new DriverManagerDataSource("jdbc:sqlite::memory:"))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void onlyPathIsNotTheFileOfTheOnlyDataSource(boolean doctor) {
		Path other = this.directory.resolve("other.db");
		assertRefused(contextWithUrl("jdbc:sqlite:" + other).withPropertyValues("litestream.doctor.enabled=" + doctor),
				"names " + this.notes.path() + ", but the DataSource 'dataSource', the only one of SQLite, opens "
						+ other,
				"set litestream.doctor.ignore=database-without-datasource");
	}

	@Test
	void otherFileIsNoMistakeIfThatIsSaid() {
		contextWithUrl("jdbc:sqlite:" + this.directory.resolve("other.db"))
			.withPropertyValues("litestream.doctor.ignore=database-without-datasource")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void otherFileIsNoMistakeBesideOthers() {
		contextWithUrl("jdbc:sqlite:" + this.directory.resolve("other.db"))
			.withPropertyValues(new NotesDatabase(this.directory, "second").properties(1))
			.run((context) -> assertThat(context).hasNotFailed());
		this.context
			.withBean("dataSource", DataSource.class,
					() -> new DriverManagerDataSource("jdbc:sqlite:" + this.directory.resolve("other.db")))
			.withBean("third", DataSource.class,
					() -> new DriverManagerDataSource("jdbc:sqlite:" + this.directory.resolve("third.db")))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void otherFileOfTheSameNameBesideTheReplicatedOne() {
		this.context.withBean("dataSource", DataSource.class, () -> new DriverManagerDataSource(this.notes.url()))
			.withBean("other", DataSource.class, () -> new DriverManagerDataSource("jdbc:sqlite:target/notes.db"))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void wrapperThatOpensItLater() {
		this.context
			.withBean(DataSource.class,
					() -> new LazyConnectionDataSourceProxy(new DriverManagerDataSource(this.notes.url())))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { "cache=shared", "locking_mode=EXCLUSIVE", "shared_cache=true" })
	void connectionsThatCannotBeReplicated(String setting) {
		assertRefused(contextWithUrl("jdbc:sqlite:file:" + this.notes.path() + "?" + setting),
				"A connection to the database " + this.notes.path() + ", which is replicated,", "from the DataSource");
	}

	@ParameterizedTest
	@ValueSource(strings = { "cache=shared", "locking_mode=EXCLUSIVE" })
	void connectionsAreRefusedAtTheFirstOneWithoutTheDoctor(String setting) {
		contextWithUrl("jdbc:sqlite:file:" + this.notes.path() + "?" + setting)
			.withPropertyValues("litestream.doctor.enabled=false",
					"spring.datasource.hikari.initialization-fail-timeout=-1",
					"spring.datasource.hikari.connection-timeout=1000")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				DataSource dataSource = context.getBean(DataSource.class);
				assertThatThrownBy(dataSource::getConnection)
					.satisfies((failure) -> assertThat(Stream.iterate(failure, Objects::nonNull, Throwable::getCause))
						.anySatisfy((cause) -> assertThat(cause).isInstanceOf(UnsupportedConnectionException.class)
							.hasMessageContaining(this.notes.path().toString())));
			});
	}

	@Test
	void settingOfThePoolThatCannotBeReplicated() {
		assertRefused(
				contextWithUrl(this.notes.url())
					.withPropertyValues("spring.datasource.hikari.data-source-properties.locking_mode=EXCLUSIVE"),
				"locks the database for itself alone", "Remove locking_mode=EXCLUSIVE");
	}

}
