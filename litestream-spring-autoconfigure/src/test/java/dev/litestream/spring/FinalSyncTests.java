package dev.litestream.spring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.NatsServer;
import jakarta.annotation.PreDestroy;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How an application ends: what the log and the exit code say of its last commits.
 */
@ExtendWith(OutputCaptureExtension.class)
class FinalSyncTests {

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	private NotesDatabase notes;

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(SCHEMA, "milk");
	}

	private static ConfigurableApplicationContext run(NotesDatabase notes, Class<?> application, boolean hook,
			String... properties) {
		SpringApplication spring = new SpringApplication(application);
		spring.setWebApplicationType(WebApplicationType.NONE);
		spring.setRegisterShutdownHook(hook);
		List<String> arguments = new ArrayList<>(List.of(properties));
		if (arguments.stream().noneMatch((property) -> property.contains("replica.url="))) {
			arguments.add("litestream.dbs[0].replica.url=" + notes.replica().toUri());
		}
		arguments.addAll(List.of("litestream.dbs[0].path=" + notes.path(), "litestream.dbs[0].sync-interval=1h",
				"spring.datasource.url=" + notes.url()));
		return spring.run(arguments.stream().map("--"::concat).toArray(String[]::new));
	}

	@Test
	void exitAfterLastCommit(CapturedOutput output) {
		ConfigurableApplicationContext context = run(this.notes, Application.class, false,
				"logging.level.dev.litestream=info");
		NotesDatabase.insert(context.getBean(DataSource.class), "last");
		assertThat(SpringApplication.exit(context)).isZero();
		assertThat(output).contains("notes.db: everything up to TXID").doesNotContain("NOT everything");
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "last");
	}

	@Test
	void exitWithoutDatabase() {
		NotesDatabase none = new NotesDatabase(this.directory, "none");
		assertThat(SpringApplication.exit(run(none, Application.class, false))).isZero();
		assertThat(none.path()).doesNotExist();
	}

	@Test
	void exitOfStoppedContext() {
		ConfigurableApplicationContext context = run(this.notes, Application.class, false);
		context.stop();
		assertThat(SpringApplication.exit(context)).isZero();
	}

	@Test
	void exitWhileTheReplicaIsAway(CapturedOutput output) {
		try (NatsServer server = NatsServer.start()) {
			String[] replica = { "litestream.dbs[0].replica.url=" + server.url("exit"),
					"litestream.dbs[0].replica.bucket.create=true", "litestream.shutdown-sync-timeout=500ms" };
			ConfigurableApplicationContext context = run(this.notes, Application.class, false, replica);
			Litestream litestream = context.getBean(Litestream.class);
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.until(() -> litestream.databases().get(0).sync(Duration.ofSeconds(30)));
			server.kill();
			NotesDatabase.insert(context.getBean(DataSource.class), "left behind");
			assertThat(SpringApplication.exit(context)).isEqualTo(LitestreamLifecycle.NOT_REPLICATED);
			assertThat(output).contains("notes.db: NOT everything is replicated: the replica has TXID")
				.contains(".notes.db-litestream");
			server.restart();
			assertThat(SpringApplication
				.exit(run(this.notes, Application.class, false, replica[0], "litestream.shutdown-sync-timeout=30s")))
				.isZero();
			this.notes.delete();
			try (ConfigurableApplicationContext restored = run(this.notes, Application.class, false, replica)) {
				assertThat(NotesDatabase.notes(restored.getBean(DataSource.class))).containsExactly("milk",
						"left behind");
			}
		}
	}

	@Test
	void schedulerThatWritesUntilTheEnd() {
		ConfigurableApplicationContext context = run(this.notes, SchedulingApplication.class, false);
		Writer writer = context.getBean(Writer.class);
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> writer.written.get() > 20);
		context.close();
		List<String> all = NotesDatabase.notes(new DriverManagerDataSource(this.notes.url()));
		assertThat(all).hasSizeGreaterThan(21).endsWith("written when destroyed");
		assertThat(this.notes.notesInReplica()).isEqualTo(all);
	}

	@Test
	void terminatedProcessThatWritesUntilTheEnd() throws Exception {
		try (ChildProcess process = ChildProcess.startJava(this.directory.resolve("process.log"),
				SchedulingApplication.class, this.directory.toString())) {
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> process.log().contains("it writes"));
			process.stop();
		}
		List<String> all = NotesDatabase.notes(new DriverManagerDataSource(this.notes.url()));
		assertThat(all).hasSizeGreaterThan(21).endsWith("written when destroyed");
		assertThat(this.notes.notesInReplica()).isEqualTo(all);
		assertThat(Files.readString(this.directory.resolve("process.log"))).doesNotContain("NOT everything");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	@Import({ Application.class, Writer.class })
	@ImportAutoConfiguration(TaskSchedulingAutoConfiguration.class)
	public static class SchedulingApplication {

		public static void main(String[] arguments) {
			ConfigurableApplicationContext context = run(new NotesDatabase(Path.of(arguments[0])),
					SchedulingApplication.class, true);
			Writer writer = context.getBean(Writer.class);
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> writer.written.get() > 20);
			System.out.println("it writes");
		}

	}

	static class Writer {

		private final AtomicInteger written = new AtomicInteger();

		private final DataSource dataSource;

		Writer(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		@Scheduled(fixedDelay = 1)
		void write() {
			NotesDatabase.insert(this.dataSource, "scheduled " + this.written.incrementAndGet());
		}

		@PreDestroy
		void writeLast() {
			NotesDatabase.insert(this.dataSource, "written when destroyed");
		}

	}

}
