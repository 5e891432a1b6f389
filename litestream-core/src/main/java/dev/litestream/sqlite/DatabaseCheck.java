package dev.litestream.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * Distinguishes a database from other files by its header. SQLite reads the header:
 * closing a descriptor of ours would drop the locks of everybody in this process who has
 * the database open (law 10). SQLite keeps its descriptor open as long as it has locks on
 * the file. Thread-safe.
 */
public final class DatabaseCheck {

	private DatabaseCheck() {
	}

	/**
	 * Whether a file is a database. Takes no lock and changes nothing.
	 * @param file a file that is not empty
	 * @return whether it begins as SQLite databases do; false for an encrypted one
	 * @throws SQLException if it cannot be read
	 */
	public static boolean isDatabase(Path file) throws SQLException {
		SQLiteConfig config = new SQLiteConfig();
		config.setReadOnly(true);
		// Immutable: locks, -wal, -shm and -journal are ignored.
		String url = DatabaseFile.url(file) + "?immutable=1";
		try (Connection connection = config.createConnection(url); Statement statement = connection.createStatement()) {
			try (ResultSet result = statement.executeQuery("PRAGMA schema_version")) {
				return result.next();
			}
		}
		catch (SQLException ex) {
			int code = ex.getErrorCode() & 0xff;
			if (code == SQLiteErrorCode.SQLITE_NOTADB.code) {
				return false;
			}
			if (code == SQLiteErrorCode.SQLITE_CORRUPT.code) {
				return true;
			}
			throw ex;
		}
	}

}
