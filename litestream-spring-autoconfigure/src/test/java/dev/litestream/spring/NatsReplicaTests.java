package dev.litestream.spring;

import java.nio.file.Path;
import java.util.List;

import javax.sql.DataSource;

import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application's properties against a real NATS server that asks for a password.
 */
class NatsReplicaTests {

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	@Test
	void twoDatabasesShareBucketAndComeBack() {
		NotesDatabase first = new NotesDatabase(this.directory, "first");
		NotesDatabase second = new NotesDatabase(this.directory, "second");
		first.create(SCHEMA, "milk");
		second.create(SCHEMA, "bread");
		try (NatsServer server = NatsServer.builder()
			.config("authorization { user: app, password: \"s/cr@t\" }")
			.start()) {
			ApplicationContextRunner context = new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
				.withPropertyValues(replica(0, first, server))
				.withPropertyValues(replica(1, second, server))
				.withPropertyValues("spring.datasource.url=" + first.url());
			context.run((started) -> {
				assertThat(started).hasNotFailed();
				NotesDatabase.insert(started.getBean(DataSource.class), "butter");
			});
			first.delete();
			second.delete();
			context.run((started) -> {
				assertThat(started).hasNotFailed();
				assertThat(NotesDatabase.notes(started.getBean(DataSource.class))).containsExactly("milk", "butter");
			});
			context.withPropertyValues("spring.datasource.url=" + second.url())
				.run((started) -> assertThat(NotesDatabase.notes(started.getBean(DataSource.class)))
					.containsExactly("bread"));
		}
	}

	@Test
	void missingBucketStopsTheRestoreWithTheCommandThatCreatesIt() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		try (NatsServer server = NatsServer.start()) {
			new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
				.withPropertyValues("litestream.dbs[0].path=" + notes.path(),
						"litestream.dbs[0].replica.url=" + server.url("absent"))
				.run((context) -> {
					assertThat(context).hasFailed();
					assertThat(context.getStartupFailure()).hasStackTraceContaining("nats object add absent");
				});
		}
	}

	private String[] replica(int index, NotesDatabase notes, NatsServer server) {
		String prefix = "litestream.dbs[" + index + "].";
		return new String[] { prefix + "path=" + notes.path(), prefix + "replica.url=" + server.url("shared"),
				prefix + "replica.path=app" + index, prefix + "replica.username=app",
				prefix + "replica.password=s/cr@t", prefix + "replica.bucket.create=true" };
	}

}
