package dev.litestream.integration;

import java.nio.file.Path;
import java.time.Duration;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.context.ConfigurableApplicationContext;

/**
 * Some applications of the matrix, each library once, in a process of their own, with a
 * real server: killed by the operating system, their disk lost, started again.
 */
@NatsServerTest
class KilledApplicationTests {

	@TempDir
	Path directory;

	private final NatsServer server;

	KilledApplicationTests(NatsServer server) {
		this.server = server;
	}

	@ParameterizedTest(name = "{0} {1} {2}")
	@CsvSource({ "JPA, FLYWAY, HIKARI", "JOOQ, LIQUIBASE, PLAIN", "JDBC_CLIENT, SCRIPTS, TWO_DATA_SOURCES",
			"DATA_JDBC, LIQUIBASE, SPLIT", "MYBATIS, SCRIPTS, HIKARI" })
	void comesBack(Persistence persistence, Migration migration, Pooling pooling) throws Exception {
		Installation installation = new Installation(this.directory.resolve("data"),
				this.server.url("killed-" + persistence.name().replace('_', '-')), persistence, migration, pooling);
		try (ChildProcess application = ChildProcess.startJava(this.directory.resolve("application.log"),
				NotesApplication.class, installation.toArguments())) {
			Awaitility.await("the application has written and replicated").atMost(Duration.ofSeconds(120)).until(() -> {
				if (!application.isAlive()) {
					throw new IllegalStateException("The application ended and printed: " + application.log());
				}
				return application.log().contains(NotesApplication.REPLICATED);
			});
			application.kill();
		}
		installation.loseDisk();
		try (ConfigurableApplicationContext context = installation.start()) {
			new Work(context).requireRestored(migration);
		}
	}

}
