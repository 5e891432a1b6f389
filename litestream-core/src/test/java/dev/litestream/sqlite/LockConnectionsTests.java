package dev.litestream.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import dev.litestream.test.Hazard;
import dev.litestream.test.LockWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Our own connections to a database.
 */
class LockConnectionsTests {

	@TempDir
	Path directory;

	@Test
	@Hazard("F5")
	void closedConnectionsGiveNoLock() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE t(v)");
		}
		LockConnections connections = new LockConnections(path, Duration.ofSeconds(1));
		connections.readLock();
		connections.close();
		assertThatExceptionOfType(SQLException.class).isThrownBy(connections::readLock)
			.withMessageContaining("are closed");
		LockWatch locks = LockWatch.of(path);
		assertThat(locks.database()).isEmpty();
		assertThat(locks.sharedMemory()).isEmpty();
	}

}
