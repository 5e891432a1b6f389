package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.RestoreOnStartup;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an application finds before it opens its database.
 */
class StartupRestoreTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@EnumSource(RestoreOnStartup.class)
	void directoryOfTheDatabaseExistsWithoutABackup(RestoreOnStartup mode) throws Exception {
		Path path = this.directory.resolve("a/b/app.db");
		restore(path, mode);
		DriverManager.getConnection("jdbc:sqlite:" + path).close();
	}

	@ParameterizedTest
	@EnumSource(RestoreOnStartup.class)
	void directoryOfTheDatabaseExistsWithABackup(RestoreOnStartup mode) throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(a)");
			app.sync();
		}
		Path path = this.directory.resolve("a/b/app.db");
		restore(path, mode);
		assertThat(path.getParent()).isDirectory();
		assertThat(Files.exists(path)).isEqualTo(mode != RestoreOnStartup.NEVER);
	}

	@Test
	void directoryThatCannotBeCreatedStopsTheStart() throws Exception {
		Path file = Files.createFile(this.directory.resolve("file"));
		assertThatExceptionOfType(LitestreamException.class)
			.isThrownBy(() -> restore(file.resolve("app.db"), RestoreOnStartup.NEVER))
			.withMessageContaining(file.toString())
			.withMessageContaining("dbs[].path");
	}

	private void restore(Path path, RestoreOnStartup mode) {
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).restoreOnStartup(mode).build(),
					new FileReplicaClient(this.directory.resolve("replica")))
			.build();
		try {
			engine.restore();
		}
		finally {
			engine.close();
		}
	}

}
