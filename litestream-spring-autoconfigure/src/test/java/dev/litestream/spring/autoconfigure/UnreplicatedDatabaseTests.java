package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import dev.litestream.spring.NotesDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that has the starter and a database and configures no replica.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnreplicatedDatabaseTests {

	private static final String WARNING = "Litestream replicates nothing";

	@TempDir
	Path directory;

	@Test
	void whatIsMissingIsSaidOnce(CapturedOutput output) throws Exception {
		NotesDatabase notes = new NotesDatabase(this.directory);
		start("--spring.datasource.url=" + notes.url());
		assertThat(output.getOut().split(Pattern.quote(WARNING))).hasSize(2);
		assertThat(output.getOut().lines().filter((line) -> line.contains(WARNING))).singleElement()
			.asString()
			.contains("WARN", "litestream.replica.url is not set", notes.path().toString(),
					"litestream.enabled=false if none is wanted");
	}

	@Test
	void whoSwitchesItOffIsLeftAlone(CapturedOutput output) throws Exception {
		NotesDatabase notes = new NotesDatabase(this.directory);
		start("--spring.datasource.url=" + notes.url(), "--litestream.enabled=false");
		assertThat(output).doesNotContain(WARNING);
		assertThat(notes.path()).exists();
	}

	@Test
	void databaseInMemoryNeedsNoReplica(CapturedOutput output) throws Exception {
		start("--spring.datasource.url=jdbc:sqlite::memory:");
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void replicatedDatabaseIsNotSpokenOf(CapturedOutput output) throws Exception {
		NotesDatabase notes = new NotesDatabase(this.directory);
		start("--spring.datasource.url=" + notes.url(), "--litestream.replica.url=" + notes.replica().toUri());
		assertThat(output).doesNotContain(WARNING);
	}

	/** The database is opened, in a directory that did not exist. */
	private static void start(String... arguments) throws Exception {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setRegisterShutdownHook(false);
		application.setDefaultProperties(Map.of("spring.data.jpa.repositories.enabled", "false"));
		try (ConfigurableApplicationContext context = application.run(arguments)) {
			context.getBean(DataSource.class).getConnection().close();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { FlywayAutoConfiguration.class, LiquibaseAutoConfiguration.class,
			HibernateJpaAutoConfiguration.class })
	static class Application {

	}

}
