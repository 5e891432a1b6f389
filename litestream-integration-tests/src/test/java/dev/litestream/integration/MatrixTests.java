package dev.litestream.integration;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever an application puts on top of a DataSource: it loses its disk while it runs,
 * so that nothing can be synced at its end, and the next start has all that was
 * replicated, migrations not done twice.
 */
class MatrixTests {

	@TempDir
	Path directory;

	static Stream<Arguments> cells() {
		return Arrays.stream(Persistence.values())
			.flatMap((persistence) -> Arrays.stream(Migration.values())
				.flatMap((migration) -> Arrays.stream(Pooling.values())
					.filter((pooling) -> !pooling.isOnceForEachLibrary() || migration == Migration.FLYWAY)
					.map((pooling) -> Arguments.of(persistence, migration, pooling))));
	}

	@ParameterizedTest(name = "{0} {1} {2}")
	@MethodSource("cells")
	void comesBack(Persistence persistence, Migration migration, Pooling pooling) throws Exception {
		Installation installation = new Installation(this.directory.resolve("data"),
				this.directory.resolve("replicas").toUri().toString(), persistence, migration, pooling);
		try (ConfigurableApplicationContext context = installation.start()) {
			new Work(context).write();
			NotesApplication.awaitReplicated(context);
			installation.loseDisk();
		}
		installation.loseDisk(); // with what the application may have written at its end
		assertThat(installation.data()).doesNotExist();
		try (ConfigurableApplicationContext context = installation.start()) {
			new Work(context).requireRestored(migration);
		}
	}

}
