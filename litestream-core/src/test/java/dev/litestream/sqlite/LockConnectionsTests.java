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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteErrorCode;

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

	@ParameterizedTest
	@ValueSource(strings = { "PRAGMA journal_mode=WAL", "PRAGMA journal_mode=DELETE" })
	void whoMayHoldALockedDatabaseIsSaidWithTheCure(String mode) throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = other.createStatement()) {
			statement.execute("PRAGMA locking_mode=EXCLUSIVE");
			statement.execute(mode);
			statement.execute("CREATE TABLE t(v)");
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> new LockConnections(path, Duration.ofMillis(20)).close())
				.withMessageStartingWith("The database " + path + " is locked ([SQLITE_BUSY]")
				.withMessageContaining("locking_mode=EXCLUSIVE")
				.withMessageContaining("backup tool")
				.withMessageContaining("litestream.busy-timeout")
				.withMessageEndingWith("Replication tries again")
				.satisfies((ex) -> assertThat(ex.getErrorCode()).isEqualTo(SQLiteErrorCode.SQLITE_BUSY.code));
		}
	}

	@Test
	void whoMayKeepTheWriteLockIsSaidWithTheCure() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = other.createStatement()) {
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE t(v)");
			try (LockConnections connections = new LockConnections(path, Duration.ofMillis(20))) {
				statement.execute("BEGIN IMMEDIATE");
				assertThatExceptionOfType(SQLException.class).isThrownBy(connections::forceFrame)
					.withMessageStartingWith("The database " + path + " is locked (no write lock for 20 ms). ")
					.withMessageContaining("fuser")
					.withMessageContaining("litestream.busy-timeout");
				statement.execute("ROLLBACK");
			}
		}
	}

}
