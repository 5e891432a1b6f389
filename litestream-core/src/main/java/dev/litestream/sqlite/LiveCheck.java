package dev.litestream.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * SQLite's check of a database that is in use. The database is opened read-only and read
 * in one transaction: its WAL cannot restart meanwhile.
 */
public final class LiveCheck {

	private static final int MOST_FINDINGS = 5;

	private LiveCheck() {
	}

	/**
	 * Checks a database.
	 * @param path the database file
	 * @param busyTimeout {@code busy_timeout} of the connection
	 * @return SQLite's complaints, or {@code null} if the database is whole
	 * @throws SQLException if it cannot be checked
	 */
	public static @Nullable String findings(Path path, Duration busyTimeout) throws SQLException {
		SQLiteConfig config = new SQLiteConfig();
		config.setReadOnly(true);
		config.setBusyTimeout((int) busyTimeout.toMillis());
		try (Connection connection = config.createConnection(DatabaseFile.url(path));
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("PRAGMA integrity_check(" + MOST_FINDINGS + ")")) {
			List<String> findings = new ArrayList<>();
			while (result.next()) {
				findings.add(result.getString(1));
			}
			return findings.equals(List.of("ok")) ? null : String.join("; ", findings);
		}
		catch (SQLException ex) {
			throw BusyDatabase.explained(path.toString(), ex, BusyDatabase.LONGER);
		}
	}

}
