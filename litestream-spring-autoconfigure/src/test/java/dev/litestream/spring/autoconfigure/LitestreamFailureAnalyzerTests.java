package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.LitestreamException;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.sqlite.SqliteVersion;
import dev.litestream.sqlite.SqliteVersion.UnsafeSqliteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What a developer reads when an application does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
class LitestreamFailureAnalyzerTests {

	@TempDir
	Path directory;

	@Test
	void replicaThatCannotBeReached(CapturedOutput output) throws Exception {
		NotesDatabase notes = new NotesDatabase(this.directory);
		String server = "127.0.0.1:" + closedPort();
		assertStartFails("--litestream.dbs[0].path=" + notes.path(),
				"--litestream.dbs[0].replica.url=nats://app:hush@" + server + "/backups",
				"--litestream.dbs[0].replica.timeout=500ms");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The database 'notes.db' could not be restored from nats://" + server + "/backups: ")
			.contains("Start the replica, or correct the replica's URL, and start the application again.")
			.contains("set 'litestream.dbs[0].restore.on-startup=never'")
			.doesNotContain("hush");
		assertThat(notes.path()).doesNotExist();
	}

	@Test
	void backupThatIsRequiredAndMissing(CapturedOutput output) {
		NotesDatabase notes = new NotesDatabase(this.directory);
		assertStartFails("--litestream.replica.url=" + notes.replica().toUri(),
				"--spring.datasource.url=" + notes.url(), "--litestream.restore.on-startup=required");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("holds no backup of it, which 'litestream.restore.on-startup=required' asks for.")
			.contains("start it once with 'litestream.restore.on-startup=if-missing'.");
		assertThat(notes.path()).doesNotExist();
	}

	@Test
	void backupThatIsDamaged(CapturedOutput output) throws Exception {
		NotesDatabase notes = new NotesDatabase(this.directory).onlyInReplica("milk");
		try (Stream<Path> files = Files.walk(notes.replica())) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".ltx")).toList()) {
				Files.writeString(file, "this is no LTX file");
			}
		}
		assertStartFails(arguments(notes));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The database 'notes.db' could not be restored from ")
			.contains("Correct this and start the application again.");
		assertThat(notes.path()).doesNotExist();
	}

	@Test
	void connectionThatCannotBeReplicated(CapturedOutput output) {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(List.of("create table other (id integer)"));
		assertStartFails(arguments(notes, "--spring.datasource.url=" + notes.url() + "?locking_mode=EXCLUSIVE"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("locks the database for itself alone")
			.containsPattern("Action:\\s+Remove locking_mode=EXCLUSIVE from the DataSource\\.");
	}

	@Test
	void unknownTypeOfReplica(CapturedOutput output) {
		NotesDatabase notes = new NotesDatabase(this.directory);
		assertStartFails(arguments(notes, "--litestream.dbs[0].replica.type=s3"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("litestream.dbs[0].replica.type")
			.containsPattern("(?s)following values are valid:.*FILE.*NATS");
	}

	@Test
	void invalidProperty(CapturedOutput output) {
		assertStartFails("--litestream.dbs[0].path=data/app.db");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("The property 'litestream.dbs[0].replica.url' is missing.")
			.contains("Write a URL such as nats://localhost:4222/bucket");
	}

	@Test
	void emptyPropertyIsNotCalledMissing(CapturedOutput output) {
		assertStartFails("--litestream.dbs[0].path=data/app.db", "--litestream.dbs[0].replica.url=");
		assertThat(output).contains("The property 'litestream.dbs[0].replica.url' is empty. It is set in ")
			.doesNotContain("is missing. It is set");
	}

	@Test
	void unsafeVersionOfSqlite() {
		UnsafeSqliteException failure = catchThrowableOfType(UnsafeSqliteException.class,
				() -> SqliteVersion.parse("3.51.2").requireSafe());
		FailureAnalysis analysis = new LitestreamFailureAnalyzer(null).analyze(new IllegalStateException(failure));
		assertThat(analysis.getDescription()).startsWith("SQLite 3.51.2 has the WAL-reset bug");
		assertThat(analysis.getAction()).contains("'sqlite-jdbc.version'").contains("3.51.3.0 or newer");
	}

	@Test
	void otherFailureOfLitestream() {
		FailureAnalysis analysis = new LitestreamFailureAnalyzer(null)
			.analyze(new IllegalStateException(new LitestreamException("Water the plants.")));
		assertThat(analysis.getDescription()).isEqualTo("Water the plants.");
		assertThat(analysis.getAction()).isNull();
	}

	@Test
	void foreignFailureIsNotAnalyzed() {
		assertThat(new LitestreamFailureAnalyzer(null).analyze(new IllegalStateException("other"))).isNull();
	}

	private String[] arguments(NotesDatabase notes, String... more) {
		return Stream.of(Stream.of(notes.properties()).map((property) -> "--" + property), Stream.of(more))
			.flatMap((arguments) -> arguments)
			.toArray(String[]::new);
	}

	private void assertStartFails(String... arguments) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setRegisterShutdownHook(false);
		assertThatThrownBy(() -> application.run(arguments).close()).isInstanceOf(Exception.class);
	}

	private static int closedPort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class,
			FlywayAutoConfiguration.class })
	static class Application {

	}

}
