package dev.litestream.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PhysicalConnection}.
 */
class PhysicalConnectionTests {

	@TempDir
	private Path directory;

	@Test
	void waitsForWalModeWhileAnotherConnectionReads() throws Exception {
		String url = "jdbc:sqlite:" + this.directory.resolve("app.db");
		try (Connection other = DriverManager.getConnection(url);
				Connection prepared = DriverManager.getConnection(url);
				Statement statement = other.createStatement();
				Statement settings = prepared.createStatement()) {
			statement.execute("CREATE TABLE t(v)");
			settings.execute("PRAGMA busy_timeout=1");
			other.setAutoCommit(false);
			try (ResultSet rows = statement.executeQuery("SELECT * FROM t")) {
				assertThat(rows.next()).isFalse();
			}
			CompletableFuture<Void> done = CompletableFuture.runAsync(() -> prepare(prepared));
			await().during(Duration.ofMillis(50)).until(() -> !done.isDone());
			other.rollback();
			done.get(30, TimeUnit.SECONDS);
			try (ResultSet mode = settings.executeQuery("PRAGMA journal_mode")) {
				assertThat(mode.getString(1)).isEqualTo("wal");
			}
		}
	}

	@Test
	void whoMayHoldALockedDatabaseIsSaidWithTheCure() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + path);
				Connection refused = DriverManager.getConnection("jdbc:sqlite:" + path + "?busy_timeout=20");
				Statement statement = other.createStatement()) {
			statement.execute("PRAGMA locking_mode=EXCLUSIVE");
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE t(v)");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> PhysicalConnection.prepare(refused, () -> {
			}))
				.withMessageContaining("app.db is locked ([SQLITE_BUSY]")
				.withMessageContaining("BEGIN EXCLUSIVE")
				.withMessageContaining("locking_mode=EXCLUSIVE")
				.withMessageContaining("busy_timeout in the JDBC URL");
		}
	}

	@Test
	void aSignalThatFailsIsNoFailureOfTheCommit() throws Exception {
		String url = "jdbc:sqlite:" + this.directory.resolve("app.db");
		AtomicInteger signals = new AtomicInteger();
		try (Connection connection = DriverManager.getConnection(url);
				Statement statement = connection.createStatement()) {
			PhysicalConnection.prepare(connection, () -> {
				signals.incrementAndGet();
				throw new OutOfMemoryError("unable to create native thread");
			});
			assertThatCode(() -> statement.execute("CREATE TABLE t(v)")).doesNotThrowAnyException();
			connection.setAutoCommit(false);
			statement.execute("INSERT INTO t VALUES(1)");
			assertThatCode(connection::commit).doesNotThrowAnyException();
			try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
				assertThat(rows.getInt(1)).isOne();
			}
		}
		assertThat(signals).hasValue(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "mode=ro", "open_mode=1" })
	void aReaderThatComesFirstIsLeftAlone(String readOnly) throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection writer = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = writer.createStatement()) {
			statement.execute("CREATE TABLE t(v)");
			try (Connection reader = DriverManager.getConnection("jdbc:sqlite:file:" + path + "?" + readOnly)) {
				prepare(reader);
				assertThat(rows(reader)).isZero();
				prepare(writer);
				statement.execute("INSERT INTO t VALUES(1)");
				try (ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
					assertThat(mode.getString(1)).isEqualTo("wal");
				}
				assertThat(rows(reader)).isOne();
			}
		}
	}

	private static int rows(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
			return rows.getInt(1);
		}
	}

	@Test
	void whoReadsWithoutAPauseIsBlamed() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = other.createStatement()) {
			statement.execute("CREATE TABLE t(v)");
			other.setAutoCommit(false);
			rows(other);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> new LockConnections(path, Duration.ofMillis(1)))
				.withMessageContaining("The database " + path.toRealPath() + " has a rollback journal")
				.withMessageContaining("End that program");
		}
	}

	private static void prepare(Connection connection) {
		try {
			PhysicalConnection.prepare(connection, () -> {
			});
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
