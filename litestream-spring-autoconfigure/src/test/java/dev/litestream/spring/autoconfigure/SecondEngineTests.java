package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import dev.litestream.spring.NotesDatabase;
import dev.litestream.test.ChildProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose database another one replicates already does not start, and the
 * other one goes on.
 */
class SecondEngineTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		this.context = new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(Application.AUTO))
			.withPropertyValues(this.notes.properties())
			.withPropertyValues("spring.datasource.url=" + this.notes.url());
	}

	@Test
	void inAnotherContextOfThisJvm() {
		this.context.run((first) -> {
			this.context.run((second) -> assertRefused(second, "Another application context of this JVM already",
					"test configuration its own database file"));
			NotesDatabase.insert(first.getBean(DataSource.class), "bread");
		});
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "bread");
	}

	@Test
	void inAnotherProcess() throws Exception {
		try (ChildProcess other = ChildProcess.startJava(this.directory.resolve("other.log"), Application.class,
				this.directory.toString())) {
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> other.log().contains("started"));
			this.context.run((context) -> assertRefused(context, "Another process already replicates this database",
					"Stop the other process"));
		}
		this.context.run((context) -> assertThat(context).hasNotFailed());
	}

	private void assertRefused(AssertableApplicationContext context, String problem, String cure) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new LitestreamFailureAnalyzer(new StandardEnvironment())
			.analyze(context.getStartupFailure());
		assertThat(analysis).isNotNull();
		assertThat(analysis.getDescription()).contains(problem, ".notes.db-litestream");
		assertThat(analysis.getAction()).contains(cure);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class })
	public static class Application {

		static final Class<?>[] AUTO = { LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class };

		public static void main(String[] arguments) throws InterruptedException {
			NotesDatabase notes = new NotesDatabase(Path.of(arguments[0]));
			SpringApplication application = new SpringApplication(Application.class);
			application.setWebApplicationType(WebApplicationType.NONE);
			application.run("--litestream.dbs[0].path=" + notes.path(),
					"--litestream.dbs[0].replica.url=" + notes.replica().toUri(),
					"--spring.datasource.url=" + notes.url());
			System.out.println("started");
			Thread.currentThread().join();
		}

	}

}
