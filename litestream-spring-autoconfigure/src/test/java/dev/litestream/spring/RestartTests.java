package dev.litestream.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.Txid;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A context that is stopped and started, as for a checkpoint of the JVM (CRaC) or when
 * the test framework pauses it, and contexts that follow one another in one JVM.
 */
class RestartTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues(this.notes.properties())
			.withPropertyValues("litestream.dbs[0].sync-interval=1h", "spring.datasource.url=" + this.notes.url());
	}

	@Test
	void stoppedContextReplicatesNothingAndCatchesUpWhenStarted() {
		this.runner.run((started) -> {
			ConfigurableApplicationContext context = started.getSourceApplicationContext();
			ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
			DataSource dataSource = context.getBean(DataSource.class);
			assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
			long resyncs = database.status().counters().resyncs();
			for (int round = 0; round < 3; round++) {
				NotesDatabase.insert(dataSource, "before stop " + round);
				context.stop();
				assertThat(context.getBean(LitestreamEngine.class).isRunning()).isFalse();
				assertThat(database.status().state()).isEqualTo(ReplicationState.STOPPED);
				Txid stopped = database.status().replicatedTxid();
				assertThat(this.notes.notesInReplica()).endsWith("before stop " + round);
				NotesDatabase.insert(dataSource, "while stopped " + round);
				context.start();
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.until(() -> database.status().replicatedTxid().isAfter(stopped));
				assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
				assertThat(this.notes.notesInReplica()).endsWith("while stopped " + round);
			}
			assertThat(database.status().counters().resyncs()).isEqualTo(resyncs);
		});
	}

	@Test
	void nextContextContinuesWithoutResync() {
		this.runner.run((context) -> NotesDatabase.insert(context.getBean(DataSource.class), "first"));
		this.runner.run((context) -> {
			NotesDatabase.insert(context.getBean(DataSource.class), "second");
			ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
			assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
			assertThat(database.status().counters().resyncs()).isZero();
		});
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "first", "second");
	}

	@Test
	void lazyBeansAreReplicated() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> {
				DataSource dataSource = context.getBean(DataSource.class);
				LitestreamEngine engine = context.getBean(LitestreamEngine.class);
				assertThat(engine.isRunning()).isTrue();
				Txid before = engine.databases().get(0).status().replicatedTxid();
				NotesDatabase.insert(dataSource, "signalled");
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.until(() -> engine.databases().get(0).status().replicatedTxid().isAfter(before));
			});
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "signalled");
	}

}
