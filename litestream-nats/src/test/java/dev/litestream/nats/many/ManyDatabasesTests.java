package dev.litestream.nats.many;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.ObjectStoreConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What idle databases cost in a JVM of their own. Their number is the system property
 * {@code many.databases}, the measured seconds are {@code many.seconds};
 * {@code bin/many-databases} takes 1,000 and prints the figures.
 */
class ManyDatabasesTests {

	private static final int DATABASES = Integer.getInteger("many.databases", 40);

	/** After a minute each database has had its checkpoint. */
	private static final int SETTLE = Integer.getInteger("many.settle", 1);

	private static final int SECONDS = Integer.getInteger("many.seconds", 2);

	@TempDir
	Path directory;

	@Test
	@Hazard("C8")
	@Hazard("F9")
	void idleDatabasesCostLittle() throws Exception {
		try (NatsServer nats = NatsServer.start()) {
			try (Connection connection = Nats.connect(nats.url())) {
				connection.objectStoreManagement().create(ObjectStoreConfiguration.builder("many").build());
			}
			List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
					"-Xmx512m", "-cp",
					System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
					ManyDatabases.class.getName(), this.directory.toString(), nats.url("many"),
					Integer.toString(DATABASES), Integer.toString(SETTLE), Integer.toString(SECONDS));
			String output = ChildProcess.output(Duration.ofMinutes(15), command);
			System.out.println(output);
			Map<String, Double> figures = figures(output);
			assertThat(figures.get("idle_objects")).isZero();
			assertThat(figures.get("idle_looks_per_database_and_s")).isPositive();
			// The engine's own share, and that of the connection, counts for few
			// databases.
			assertThat(figures.get("heap_kb_per_database")).isLessThan(100 + 4000.0 / DATABASES);
			assertThat(figures.get("descriptors_per_database")).isLessThan(12 + 40.0 / DATABASES);
			assertThat(figures.get("most_threads")).isLessThan(60);
		}
	}

	private static Map<String, Double> figures(String output) {
		Map<String, Double> figures = new HashMap<>();
		output.lines().filter((line) -> line.matches("\\w+=[0-9.-]+")).forEach((line) -> {
			int equals = line.indexOf('=');
			figures.put(line.substring(0, equals), Double.valueOf(line.substring(equals + 1)));
		});
		return figures;
	}

}
