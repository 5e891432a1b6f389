package dev.litestream.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import dev.litestream.LitestreamException;

/**
 * The version of the SQLite library inside the driver. SQLite 3.7.0 to 3.51.2 can corrupt
 * a database when one connection checkpoints while another restarts the WAL ("WAL-reset
 * bug"), and a replicator is exactly that trigger.
 *
 * @param text the version as {@code sqlite_version()} reports it
 * @param number the version as one number, 3051003 for 3.51.3
 */
public record SqliteVersion(String text, int number) {

	/** The first version without the WAL-reset bug. */
	public static final SqliteVersion MINIMUM = parse("3.51.3");

	/**
	 * Parses a version.
	 * @param text dotted numbers
	 * @return the version
	 */
	public static SqliteVersion parse(String text) {
		String[] parts = text.split("\\.");
		int number = 0;
		for (int i = 0; i < 3; i++) {
			number = number * 1000 + ((i < parts.length) ? Integer.parseInt(parts[i]) : 0);
		}
		return new SqliteVersion(text, number);
	}

	/**
	 * Asks a connection for its library's version.
	 * @param connection a SQLite connection
	 * @return the version
	 * @throws SQLException if the connection fails
	 */
	public static SqliteVersion of(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT sqlite_version()")) {
			result.next();
			return parse(result.getString(1));
		}
	}

	/**
	 * Whether the WAL-reset bug is fixed in this version (3.52.0 was withdrawn).
	 * @return whether replication may run on it
	 */
	public boolean isSafe() {
		return this.number >= MINIMUM.number || (this.number >= 3050007 && this.number < 3051000)
				|| (this.number >= 3044006 && this.number < 3045000);
	}

	/**
	 * Refuses a version with the WAL-reset bug.
	 * @throws UnsafeSqliteException if this version has it
	 */
	public void requireSafe() {
		if (!isSafe()) {
			throw new UnsafeSqliteException(this);
		}
	}

	/** The SQLite library is too old to replicate safely. */
	public static class UnsafeSqliteException extends LitestreamException {

		private static final long serialVersionUID = 1L;

		private final transient SqliteVersion version;

		UnsafeSqliteException(SqliteVersion version) {
			super("SQLite " + version.text() + " can corrupt a database that is checkpointed while it is written"
					+ " (the WAL-reset bug, fixed in 3.51.3); use org.xerial:sqlite-jdbc 3.51.3.0 or newer"
					+ " (with Spring Boot's dependency management: set the property sqlite-jdbc.version)");
			this.version = version;
		}

		public SqliteVersion version() {
			return this.version;
		}

	}

}
