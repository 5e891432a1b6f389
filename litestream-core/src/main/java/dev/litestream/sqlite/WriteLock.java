package dev.litestream.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The connection that takes the write lock. Whoever uses it holds this object's monitor:
 * nobody else takes the lock meanwhile. Thread-safe.
 */
final class WriteLock implements AutoCloseable {

	/** How long to try for the write lock without a pause. */
	private static final long EAGER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

	private final Path path;

	private final Connection connection;

	private final Duration timeout;

	/**
	 * Takes over a connection with a {@code busy_timeout} of 0, without taking the lock
	 * yet. The timeout is the longest time to wait for the lock.
	 */
	WriteLock(Path path, Connection connection, Duration timeout) {
		this.path = path;
		this.connection = connection;
		this.timeout = timeout;
	}

	/**
	 * Runs an action while no other connection can commit. Returns whether the lock was
	 * obtained in time. Exceptions of the action are thrown.
	 */
	synchronized <E extends Exception> boolean run(LockConnections.Action<E> action) throws E, SQLException {
		try (Statement statement = this.connection.createStatement()) {
			if (!begin(statement)) {
				return false;
			}
			try {
				action.run();
			}
			finally {
				statement.execute("ROLLBACK");
			}
			return true;
		}
	}

	/** Runs an action while no other one runs under the write lock, without taking it. */
	synchronized void runOutside(Runnable action) {
		action.run();
	}

	/**
	 * Forces one frame into the WAL without changing the database's content: rewrites the
	 * same {@code user_version} (law 12). Fails if the database is busy or cannot be
	 * written.
	 */
	synchronized void forceFrame() throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			if (!begin(statement)) {
				throw new SQLException(BusyDatabase.sentence(this.path.toString(),
						"no write lock for " + this.timeout.toMillis() + " ms", BusyDatabase.LONGER));
			}
			try {
				int version;
				try (ResultSet result = statement.executeQuery("PRAGMA user_version")) {
					version = result.next() ? result.getInt(1) : 0;
				}
				statement.execute("PRAGMA user_version=" + version);
				statement.execute("COMMIT");
			}
			catch (SQLException ex) {
				statement.execute("ROLLBACK");
				throw ex;
			}
		}
	}

	/**
	 * Takes the write lock, and returns whether it was obtained in time. SQLite's own
	 * busy handler sleeps for up to 100 ms between attempts: it would never hit the
	 * moments between the transactions of a busy writer, which last some microseconds.
	 */
	private boolean begin(Statement statement) throws SQLException {
		long start = System.nanoTime();
		while (true) {
			try {
				statement.execute("BEGIN IMMEDIATE");
				return true;
			}
			catch (SQLException ex) {
				if (!BusyDatabase.is(ex)) {
					throw ex;
				}
			}
			long waited = System.nanoTime() - start;
			if (waited > this.timeout.toNanos()) {
				return false;
			}
			if (waited < EAGER_NANOS) {
				Thread.yield();
			}
			else {
				LockSupport.parkNanos(PAUSE_NANOS);
			}
		}
	}

	@Override
	public synchronized void close() throws SQLException {
		this.connection.close();
	}

}
