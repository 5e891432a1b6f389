package dev.litestream.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
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
