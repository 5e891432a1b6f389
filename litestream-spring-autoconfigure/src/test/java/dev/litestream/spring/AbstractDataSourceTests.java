package dev.litestream.spring;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.Txid;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose one database is replicated. The sync interval is an hour: what
 * reaches the replica was signalled.
 */
abstract class AbstractDataSourceTests {

	static final List<String> SCHEMA = List.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	NotesDatabase notes;

	ApplicationContextRunner context;

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(SCHEMA, "milk");
		this.context = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues(this.notes.properties())
			.withPropertyValues("litestream.dbs[0].sync-interval=1h");
	}

	void run(ContextConsumer<AssertableApplicationContext> consumer, String... properties) {
		this.context.withPropertyValues("spring.datasource.url=" + this.notes.url())
			.withPropertyValues(properties)
			.run(consumer);
	}

	<T extends DataSource> void runWithBean(Class<T> type, T bean,
			ContextConsumer<AssertableApplicationContext> consumer) {
		this.context.withBean("dataSource", type, () -> bean).run(consumer);
	}

	void assertCommitsAreSignalled(ApplicationContext context, DataSource dataSource) throws Exception {
		ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
		assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
		try (Connection connection = dataSource.getConnection()) {
			assertPrepared(connection);
		}
		for (String note : new String[] { "bread", "butter" }) {
			Txid before = database.status().replicatedTxid();
			NotesDatabase.insert(dataSource, note);
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.untilAsserted(() -> assertThat(database.status().replicatedTxid()).isGreaterThan(before));
		}
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "bread", "butter");
	}

	static void assertPrepared(Connection connection) throws SQLException {
		assertThat(pragma(connection, "journal_mode")).isEqualTo("wal");
		assertThat(pragma(connection, "wal_autocheckpoint")).isEqualTo("0");
		assertThat(pragma(connection, "busy_timeout")).isNotEqualTo("0");
		if (!connection.getAutoCommit()) {
			connection.commit();
		}
	}

	static String pragma(DataSource dataSource, String name) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			return pragma(connection, name);
		}
	}

	static String pragma(Connection connection, String name) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("pragma " + name)) {
			return result.getString(1);
		}
	}

}
