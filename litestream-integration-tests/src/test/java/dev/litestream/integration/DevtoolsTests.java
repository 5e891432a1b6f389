package dev.litestream.integration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import dev.litestream.test.ChildProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A restart by devtools: the context is closed and another one comes up in the same JVM,
 * with the application's classes in a new class loader.
 */
class DevtoolsTests {

	private static final Pattern RUN = Pattern.compile("found (\\[.*]) in class loader (\\p{XDigit}+)");

	@TempDir
	Path directory;

	@Test
	void eachRunContinuesWhereTheOneBeforeEnded() throws Exception {
		Installation installation = new Installation(this.directory.resolve("data"),
				this.directory.resolve("replicas").toUri().toString(), Persistence.JDBC_CLIENT, Migration.FLYWAY,
				Pooling.HIKARI);
		try (ChildProcess application = ChildProcess.startJava(this.directory.resolve("application.log"),
				DevtoolsApplication.class, installation.toArguments())) {
			Awaitility.await()
				.atMost(Duration.ofSeconds(120))
				.until(() -> !application.isAlive() || application.log().contains(NotesApplication.REPLICATED));
			assertThat(application.isAlive()).as(application.log()).isTrue();
			List<MatchResult> runs = RUN.matcher(application.log()).results().toList();
			assertThat(runs).extracting((run) -> run.group(1)).containsExactly("[]", "[note 1]", "[note 1, note 2]");
			assertThat(runs).extracting((run) -> run.group(2)).doesNotHaveDuplicates();
			assertThat(application.log()).doesNotContain("Another replicator", "NOT everything");
			application.kill();
		}
		installation.loseDisk();
		try (ConfigurableApplicationContext context = installation.start()) {
			assertThat(context.getBean(Notes.class).texts()).containsExactly("note 1", "note 2", "note 3");
		}
	}

}
