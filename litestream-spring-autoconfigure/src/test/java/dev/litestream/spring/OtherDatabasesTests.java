package dev.litestream.spring;

import java.nio.file.Path;

import javax.sql.DataSource;

import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Databases beside the replicated one are left alone, and the replicated one is known by
 * its file.
 */
class OtherDatabasesTests extends AbstractDataSourceTests {

	@Test
	void databaseThatIsNotReplicatedIsLeftAlone() {
		NotesDatabase other = new NotesDatabase(this.directory, "other");
		other.create(SCHEMA, "private");
		DriverManagerDataSource dataSource = new DriverManagerDataSource(other.url());
		runWithBean(DriverManagerDataSource.class, dataSource, (context) -> {
			assertThat(context.getBean(DataSource.class)).isSameAs(dataSource);
			assertThat(pragma(dataSource, "journal_mode")).isEqualTo("delete");
		});
	}

	@Test
	void someOfSeveralDataSourcesAreReplicated() {
		NotesDatabase second = new NotesDatabase(this.directory, "second");
		NotesDatabase other = new NotesDatabase(this.directory, "other");
		second.create(SCHEMA, "butter");
		other.create(SCHEMA, "private");
		this.context.withPropertyValues(second.properties(1))
			.withPropertyValues("litestream.dbs[1].sync-interval=1h")
			.withBean("second", DataSource.class, () -> new DriverManagerDataSource(second.url()))
			.withBean("other", DataSource.class, () -> new DriverManagerDataSource(other.url()))
			.withBean("dataSource", DataSource.class, () -> new DriverManagerDataSource(this.notes.url()))
			.run((context) -> {
				assertCommitsAreSignalled(context, context.getBean("dataSource", DataSource.class));
				NotesDatabase.insert(context.getBean("second", DataSource.class), "salt");
				NotesDatabase.insert(context.getBean("other", DataSource.class), "more");
				assertThat(pragma(context.getBean("other", DataSource.class), "journal_mode")).isEqualTo("delete");
			});
		assertThat(second.notesInReplica()).containsExactly("butter", "salt");
		assertThat(other.replica()).doesNotExist();
	}

	@Test
	void databaseInMemoryIsLeftAlone() {
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource("jdbc:sqlite::memory:"),
				(context) -> assertThat(pragma(context.getBean(DataSource.class), "journal_mode")).isEqualTo("memory"));
	}

	@Test
	void otherDatabaseProductIsLeftAlone() {
		DriverManagerDataSource dataSource = new DriverManagerDataSource("jdbc:postgresql://localhost/app");
		runWithBean(DriverManagerDataSource.class, dataSource,
				(context) -> assertThat(context.getBean(DataSource.class)).isSameAs(dataSource));
	}

	@Test
	void databaseIsKnownByItsFileNotByItsUrl() throws Exception {
		Path link = java.nio.file.Files.createSymbolicLink(this.directory.resolve("link.db"), this.notes.path());
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource("jdbc:sqlite:" + link),
				(context) -> assertCommitsAreSignalled(context, context.getBean(DataSource.class)));
	}

	@Test
	void databaseBehindADirectoryLinkAndTheWayBackIsKnown() throws Exception {
		Path below = java.nio.file.Files.createDirectories(this.notes.path().resolveSibling("releases"));
		Path link = java.nio.file.Files.createSymbolicLink(this.directory.resolve("current"), below);
		runWithBean(DriverManagerDataSource.class,
				new DriverManagerDataSource("jdbc:sqlite:" + link + "/../" + this.notes.path().getFileName()),
				(context) -> assertCommitsAreSignalled(context, context.getBean(DataSource.class)));
	}

	@Test
	void anotherNameOfTheFileIsRefused() throws Exception {
		Path other = java.nio.file.Files.createLink(this.directory.resolve("other.db"), this.notes.path());
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource("jdbc:sqlite:" + other),
				(context) -> assertThatThrownBy(() -> context.getBean(DataSource.class).getConnection())
					.isInstanceOf(UnsupportedConnectionException.class)
					.hasMessageContaining("opens it by another name, " + other + " (a hard link)")
					.hasMessageContaining("Write " + this.notes.path() + " in the DataSource's URL"));
	}

	@ParameterizedTest
	@Hazard("G2")
	@ValueSource(strings = { "cache=shared", "locking_mode=EXCLUSIVE", "shared_cache=true" })
	void connectionThatCannotBeReplicatedIsRefused(String setting) {
		String url = "jdbc:sqlite:file:" + this.notes.path() + "?" + setting;
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(url),
				(context) -> assertThatThrownBy(() -> context.getBean(DataSource.class).getConnection())
					.isInstanceOf(UnsupportedConnectionException.class)
					.hasMessageContaining(this.notes.path().toString())
					.hasMessageContaining(
							"Remove " + setting.replaceAll("=true", "").replaceAll("shared_cache", "cache=shared")));
	}

	@ParameterizedTest
	@Hazard("G2")
	@ValueSource(strings = { "nolock=1", "immutable=1", "nolock=true", "mode=rwc&immutable=1", "vfs=unix-none",
			"vfs=unix-dotfile", "vfs=unix-excl" })
	void connectionWithoutTheLocksOfTheOthersIsRefused(String setting) {
		String url = "jdbc:sqlite:file:" + this.notes.path() + "?" + setting;
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(url),
				(context) -> assertThatThrownBy(() -> context.getBean(DataSource.class).getConnection())
					.isInstanceOf(UnsupportedConnectionException.class)
					.hasMessageContaining("Remove " + setting.replaceAll("^.*&|=(1|true)$", "")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "nolock=0", "immutable=0", "vfs=unix", "mode=rwc" })
	void connectionThatSaysWhatIsUsualIsTaken(String setting) {
		String url = "jdbc:sqlite:file:" + this.notes.path() + "?" + setting;
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(url),
				(context) -> assertCommitsAreSignalled(context, context.getBean(DataSource.class)));
	}

}
