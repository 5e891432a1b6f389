package dev.litestream.nats.soak;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether the model of the soak can be believed.
 */
class ModelTests {

	private static final long SEED = 7;

	private static final int COMMITS = 60;

	@TempDir
	Path directory;

	@Test
	void anOldStateIsComparedAlsoWhenAllThatAreKeptAreNewer() throws Exception {
		Model model = new Model(this.directory.resolve("model"), SEED);
		Path database = this.directory.resolve("app.db");
		Path old = this.directory.resolve("old.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			History.create(connection);
			History.begin(connection, 1, 1);
			for (int commit = 2; commit <= COMMITS; commit++) {
				History.work(connection, SEED, 1, commit);
				if (commit == 2) {
					connection.createStatement().execute("VACUUM INTO '" + old + "'");
				}
				else {
					assertThat(History.of(connection).commits()).isEqualTo(commit);
					model.requireSame(database, History.of(connection));
				}
			}
		}
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + old)) {
			model.requireSame(old, History.of(connection));
		}
	}

}
