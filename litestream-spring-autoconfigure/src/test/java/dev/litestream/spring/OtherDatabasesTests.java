package dev.litestream.spring;

import java.nio.file.Path;

import javax.sql.DataSource;

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

	@ParameterizedTest
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

}
