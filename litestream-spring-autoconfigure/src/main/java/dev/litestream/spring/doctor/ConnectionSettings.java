package dev.litestream.spring.doctor;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteConnection;

/**
 * The settings in force on one connection of the application, whatever its configuration
 * says: milliseconds of {@code busyTimeout}, SQLite's number of {@code synchronous} (0
 * OFF, 1 NORMAL, 2 FULL, 3 EXTRA), bytes of {@code mmapSize}, pages of {@code
 * walAutocheckpoint} (0 for never).
 */
record ConnectionSettings(int busyTimeout, int synchronous, long mmapSize, int walAutocheckpoint,
		TransactionMode transactionMode, boolean readOnly) {

	/** Asks a connection. Leaves no transaction open. */
	static ConnectionSettings of(Connection connection) throws SQLException {
		SQLiteConnection sqlite = connection.unwrap(SQLiteConnection.class);
		try (Statement statement = connection.createStatement()) {
			return new ConnectionSettings((int) pragma(statement, "busy_timeout"),
					(int) pragma(statement, "synchronous"), pragma(statement, "mmap_size"),
					(int) pragma(statement, "wal_autocheckpoint"),
					sqlite.getDatabase().getConfig().getTransactionMode(),
					sqlite.isReadOnly() || pragma(statement, "query_only") != 0);
		}
		finally {
			if (!connection.getAutoCommit()) {
				connection.rollback();
			}
		}
	}

	private static long pragma(Statement statement, String name) throws SQLException {
		try (ResultSet result = statement.executeQuery("PRAGMA " + name)) {
			return result.next() ? result.getLong(1) : 0;
		}
	}

}
