package dev.litestream.spring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.sqlite.DatabaseFile;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * Prepares each physical connection to a replicated database once, as early as it can be
 * seen. Whether a database is replicated is decided by the file that the connection has
 * open, not by a URL. Leaves connections to other databases alone. Thread-safe.
 */
class ConnectionPreparer {

	private static final Log logger = LogFactory.getLog(ConnectionPreparer.class);

	/** What SQLite takes for "no" in a parameter. */
	private static final Set<String> FALSE = Set.of("0", "no", "off", "false");

	private static final Set<String> DEFAULT_VFS = Set.of("unix", "win32");

	private final Litestream litestream;

	// A physical connection does not define equals, so it is known by identity.
	private final Map<SQLiteConnection, Boolean> seen = Collections.synchronizedMap(new WeakHashMap<>());

	private volatile boolean warned;

	ConnectionPreparer(Litestream litestream) {
		this.litestream = litestream;
	}

	Litestream litestream() {
		return this.litestream;
	}

	/** Prepares a connection, physical or wrapped, that is about to be handed out. */
	void prepare(Connection connection) throws SQLException {
		SQLiteConnection physical = unwrap(connection);
		if (physical == null || this.seen.putIfAbsent(physical, Boolean.TRUE) != null) {
			return;
		}
		try {
			prepareOutsideTransaction(physical);
		}
		catch (SQLException | RuntimeException ex) {
			this.seen.remove(physical);
			throw ex;
		}
	}

	private @Nullable SQLiteConnection unwrap(Connection connection) throws SQLException {
		if (connection instanceof SQLiteConnection physical) {
			return physical;
		}
		if (connection.isWrapperFor(SQLiteConnection.class)) {
			return connection.unwrap(SQLiteConnection.class);
		}
		if (!this.warned && SqliteUrl.matches(String.valueOf(connection.getMetaData().getURL()))) {
			this.warned = true;
			logger.warn("A connection of type " + connection.getClass().getName() + " does not unwrap to sqlite-jdbc's;"
					+ " its commits are replicated by polling, at the latest after the sync-interval");
		}
		return null;
	}

	// With auto-commit off each statement, a PRAGMA too, would begin a transaction, in
	// which the journal mode cannot be changed.
	private void prepareOutsideTransaction(SQLiteConnection connection) throws SQLException {
		boolean autoCommit = connection.getAutoCommit();
		if (!autoCommit) {
			connection.setAutoCommit(true);
		}
		try {
			ReplicatedDatabase database = database(connection);
			if (database != null) {
				refuseUnsupported(connection, database);
				database.prepare(connection);
			}
		}
		finally {
			if (!autoCommit) {
				connection.setAutoCommit(false);
			}
		}
	}

	private @Nullable ReplicatedDatabase database(SQLiteConnection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet databases = statement.executeQuery("PRAGMA database_list")) {
			while (databases.next()) {
				String file = databases.getString("file");
				if ("main".equals(databases.getString("name")) && file != null && !file.isEmpty()) {
					return database(file);
				}
			}
			return null;
		}
	}

	private @Nullable ReplicatedDatabase database(String name) {
		Path file;
		try {
			file = Path.of(name);
		}
		catch (InvalidPathException ex) {
			return null; // not to be spelled here, so not replicated either
		}
		ReplicatedDatabase database = this.litestream.database(file);
		ReplicatedDatabase other = (database == null) ? byAnotherName(file) : null;
		if (other != null) {
			throw new UnsupportedConnectionException(other.path(),
					"opens it by another name, " + file + " (a hard link), beside which SQLite keeps a second WAL: two"
							+ " of them damage the database",
					"Write " + other.path() + " in the DataSource's URL, and remove the other name.");
		}
		return database;
	}

	/**
	 * The replicated database of which a file is another name, so that SQLite does not
	 * know that it is the same one; {@code null} if the file is no such name.
	 */
	@Nullable ReplicatedDatabase byAnotherName(Path file) {
		try {
			if (DatabaseFile.names(file) > 1) {
				for (ReplicatedDatabase database : this.litestream.databases()) {
					if (Files.exists(database.path()) && Files.isSameFile(file, database.path())) {
						return database;
					}
				}
			}
		}
		catch (IOException ex) {
			// There is no file yet.
		}
		return null;
	}

	private void refuseUnsupported(SQLiteConnection connection, ReplicatedDatabase database) throws SQLException {
		if (connection.getDatabase().getConfig().isEnabledSharedCache()
				|| "shared".equals(SqliteUrl.parameter(connection.getUrl(), "cache"))) {
			throw new UnsupportedConnectionException(database.path(), "shares its cache with other connections",
					"Remove cache=shared or shared_cache from the DataSource.");
		}
		refuseWithoutLocks(connection.getUrl(), database);
		try (Statement statement = connection.createStatement();
				ResultSet mode = statement.executeQuery("PRAGMA main.locking_mode")) {
			if (mode.next() && "exclusive".equalsIgnoreCase(mode.getString(1))) {
				throw new UnsupportedConnectionException(database.path(), "locks the database for itself alone",
						"Remove locking_mode=EXCLUSIVE from the DataSource.");
			}
		}
	}

	/**
	 * SQLite's locks are what keeps a connection's changes apart from our checkpoints.
	 */
	private static void refuseWithoutLocks(String url, ReplicatedDatabase database) {
		for (String parameter : new String[] { "nolock", "immutable" }) {
			String value = SqliteUrl.parameter(url, parameter);
			if (value != null && !FALSE.contains(value.toLowerCase(Locale.ROOT))) {
				throw new UnsupportedConnectionException(database.path(),
						"takes no locks, so that it damages the" + " database or reads it while it changes",
						"Remove " + parameter + " from the DataSource's URL.");
			}
		}
		String vfs = SqliteUrl.parameter(url, "vfs");
		if (vfs != null && !DEFAULT_VFS.contains(vfs)) {
			throw new UnsupportedConnectionException(database.path(),
					"locks the database in another way than SQLite's other connections do",
					"Remove vfs=" + vfs + " from the DataSource's URL.");
		}
	}

}
