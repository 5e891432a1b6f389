package dev.litestream.capture;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.litestream.sqlite.LockConnections;
import dev.litestream.test.LockWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link HeldLock}.
 */
class HeldLockTests {

	@TempDir
	Path directory;

	@Test
	void aLockThatCouldNotBeTakenAnewIsMissingUntilItIs() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			connection.createStatement().execute("CREATE TABLE t(v)");
		}
		AtomicBoolean fails = new AtomicBoolean();
		try (LockConnections connections = new LockConnections(path, Duration.ofSeconds(1))) {
			HeldLock lock = new HeldLock(() -> {
				if (fails.get()) {
					throw new SQLException("not now");
				}
				return connections.readLock();
			});
			connections.forceFrame();
			fails.set(true);
			assertThatExceptionOfType(SQLException.class).isThrownBy(lock::renew).withMessage("not now");
			assertThatExceptionOfType(SQLException.class).isThrownBy(lock::require).withMessage("not now");
			fails.set(false);
			lock.require();
			connections.forceFrame();
			assertThat(connections.checkpointPassive()).as("whether everything was checkpointed past the lock")
				.isFalse();
			assertThat(LockWatch.of(path).isIntact()).isTrue();
			lock.renew();
			assertThat(connections.checkpointPassive()).as("whether the old lock was released").isTrue();
		}
	}

	/** A sync failed: its lock would hold frames in the WAL for ever. */
	@Test
	void aLockThatDidNotReplaceTheOldOneIsReleased() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			connection.createStatement().execute("CREATE TABLE t(v)");
			connection.createStatement().execute("PRAGMA journal_mode=WAL");
		}
		try (LockConnections connections = new LockConnections(path, Duration.ofSeconds(1))) {
			HeldLock lock = new HeldLock(connections::readLock);
			connections.forceFrame();
			try (HeldLock.Handover handover = lock.handover()) {
				assertThat(handover.pageCount()).isEqualTo(2);
				connections.forceFrame();
			}
			lock.renew();
			assertThat(connections.checkpointPassive()).as("whether no other lock is held").isTrue();
		}
	}

}
