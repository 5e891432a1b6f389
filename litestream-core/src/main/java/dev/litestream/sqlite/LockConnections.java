package dev.litestream.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import dev.litestream.LitestreamException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/**
 * The replicator's connections to one database, outside any pool: readers that hold
 * {@link ReadLock}s, one that takes the write lock, one that checkpoints.
 * <p>
 * The readers are opened read-only, and they are closed last: the last connection of all
 * checkpoints and deletes the WAL when it closes, but a read-only one cannot take the
 * exclusive lock that this needs. The WAL therefore stays for the next start, which
 * proves from it that nothing was missed. Thread-safe.
 */
public final class LockConnections implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LockConnections.class);

	private final Path path;

	private final Duration busyTimeout;

	private final WriteLock writeLock;

	private final Connection checkpointer;

	private final Deque<Reader> idle = new ArrayDeque<>();

	private final List<Reader> all = new ArrayList<>();

	private final int pageSize;

	private boolean closed;

	/**
	 * Opens the connections and switches the database to WAL mode.
	 * @param path an existing database
	 * @param busyTimeout {@code busy_timeout} of the connections
	 * @throws SQLException if the database cannot be opened
	 * @throws LitestreamException if it cannot be replicated
	 */
	public LockConnections(Path path, Duration busyTimeout) throws SQLException {
		this.path = path;
		this.busyTimeout = busyTimeout;
		List<Connection> opened = new ArrayList<>();
		try {
			Connection writer = open(false);
			opened.add(writer);
			SqliteVersion.of(writer).requireSafe();
			requireWal(writer);
			pragma(writer, "busy_timeout=0");
			this.writeLock = new WriteLock(path, writer, busyTimeout);
			this.pageSize = (int) pragma(writer, "page_size");
			this.checkpointer = open(false);
			opened.add(this.checkpointer);
			pragma(this.checkpointer, "schema_version");
		}
		catch (SQLException ex) {
			opened.forEach(LockConnections::closeQuietly);
			throw explained(ex);
		}
		catch (RuntimeException ex) {
			opened.forEach(LockConnections::closeQuietly);
			throw ex;
		}
	}

	private SQLException explained(SQLException failure) {
		return BusyDatabase.explained(this.path.toString(), failure, BusyDatabase.LONGER);
	}

	private Connection open(boolean readOnly) throws SQLException {
		SQLiteConfig config = new SQLiteConfig();
		config.setReadOnly(readOnly);
		config.setBusyTimeout((int) this.busyTimeout.toMillis());
		Connection connection = config.createConnection(DatabaseFile.url(this.path));
		try (Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA wal_autocheckpoint=0");
			statement.execute("PRAGMA synchronous=NORMAL");
			statement.execute("PRAGMA cache_size=8");
			return connection;
		}
		catch (SQLException ex) {
			closeQuietly(connection);
			throw ex;
		}
	}

	private void requireWal(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			String mode = WalMode.set(statement);
			if (!"wal".equalsIgnoreCase(mode)) {
				throw new LitestreamException("The database " + this.path + " stays in journal mode '" + mode
						+ "', but only WAL mode can be replicated; make sure that nothing sets another "
						+ "journal_mode or locking_mode=EXCLUSIVE, and keep the file on a local, writable "
						+ "file system");
			}
		}
	}

	public int pageSize() {
		return this.pageSize;
	}

	/**
	 * Takes a new read lock.
	 * @return the lock
	 * @throws SQLException if it cannot be taken
	 */
	public ReadLock readLock() throws SQLException {
		Reader reader;
		synchronized (this) {
			if (this.closed) {
				throw new SQLException("The connections to " + this.path + " are closed");
			}
			reader = this.idle.poll();
			if (reader == null) {
				reader = openReader();
				this.all.add(reader);
			}
		}
		try {
			reader.begin();
			return new ReadLock(this, reader);
		}
		catch (SQLException ex) {
			release(reader);
			throw explained(ex);
		}
	}

	private Reader openReader() throws SQLException {
		try {
			return new Reader(open(true));
		}
		catch (SQLException ex) {
			throw explained(ex);
		}
	}

	void release(Reader reader) {
		try {
			reader.end();
		}
		catch (SQLException ex) {
			logger.warn("A read transaction on {} could not be ended: {}", this.path, ex.getMessage());
		}
		synchronized (this) {
			this.idle.push(reader);
		}
	}

	/**
	 * Runs an action while no other connection can commit.
	 * @param action what to do under the write lock
	 * @return whether the lock was obtained within the busy timeout
	 * @throws E if the action fails
	 * @throws SQLException if the connection fails
	 */
	public <E extends Exception> boolean underWriteLock(Action<E> action) throws E, SQLException {
		return this.writeLock.run(action);
	}

	/**
	 * Runs an action while no other one runs under the write lock, without taking it. A
	 * thread that waits for something needed under the write lock waits here first.
	 * @param action what to do
	 */
	public void outsideWriteLock(Runnable action) {
		this.writeLock.runOutside(action);
	}

	/**
	 * Forces one frame into the WAL without changing the database's content: rewrites the
	 * same {@code user_version} (law 12).
	 * @throws SQLException if the database is busy or cannot be written
	 */
	public void forceFrame() throws SQLException {
		this.writeLock.forceFrame();
	}

	/**
	 * Runs {@code PRAGMA wal_checkpoint(PASSIVE)}, which never waits for readers or
	 * writers.
	 * @return whether every frame of the WAL is now in the database file
	 * @throws SQLException if the checkpoint failed
	 */
	public boolean checkpointPassive() throws SQLException {
		synchronized (this.checkpointer) {
			try (Statement statement = this.checkpointer.createStatement();
					ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
				return result.next() && result.getInt(1) == 0 && result.getInt(2) == result.getInt(3);
			}
		}
	}

	/**
	 * Closes all connections, the read-only ones first: if the application has closed its
	 * connections, SQLite then moves the WAL's content into the database file.
	 */
	public void closeAndCheckpoint() {
		synchronized (this) {
			if (this.closed) {
				return;
			}
			this.closed = true;
			this.all.forEach(LockConnections::closeQuietly);
		}
		synchronized (this.checkpointer) {
			closeQuietly(this.checkpointer);
		}
		closeQuietly(this.writeLock);
	}

	/**
	 * Closes all connections, the read-only ones last.
	 */
	@Override
	public void close() {
		List<Reader> readers;
		synchronized (this) {
			if (this.closed) {
				return;
			}
			this.closed = true;
			readers = new ArrayList<>(this.all);
			if (readers.isEmpty()) {
				try {
					// If no reader were left to close last, the WAL would be deleted.
					Reader reader = new Reader(open(true));
					reader.begin();
					readers.add(reader);
				}
				catch (SQLException ex) {
					logger.debug("No read-only connection to {} to close last", this.path, ex);
				}
			}
		}
		closeQuietly(this.writeLock);
		synchronized (this.checkpointer) {
			closeQuietly(this.checkpointer);
		}
		for (Reader reader : readers) {
			closeQuietly(reader);
		}
	}

	static long pragma(Connection connection, String name) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("PRAGMA " + name)) {
			return result.next() ? result.getLong(1) : 0;
		}
	}

	private static void closeQuietly(AutoCloseable connection) {
		try {
			connection.close();
		}
		catch (Exception ex) {
			logger.debug("A connection could not be closed", ex);
		}
	}

	/**
	 * An action to run under the write lock.
	 *
	 * @param <E> the exception it may throw
	 */
	@FunctionalInterface
	public interface Action<E extends Exception> {

		void run() throws E, SQLException;

	}

}
