package dev.litestream.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

import dev.litestream.LitestreamException;
import org.sqlite.SQLiteCommitListener;
import org.sqlite.SQLiteConnection;

/**
 * Prepares an application's physical connections: WAL mode, no automatic checkpoints, a
 * {@code busy_timeout} if there is none, and a listener that signals commits. The
 * listener is called just before the frames are written: a signal means "look now, and
 * again in a moment". It never throws into the application. Thread-safe.
 */
public final class PhysicalConnection {

	private static final int DEFAULT_BUSY_TIMEOUT = 5000;

	private static final Map<SQLiteConnection, Boolean> PREPARED = Collections.synchronizedMap(new WeakHashMap<>());

	private PhysicalConnection() {
	}

	/**
	 * Prepares a connection. Preparing it again does nothing. A read-only connection does
	 * not bring the database into WAL mode, even if it comes first.
	 * @param connection a connection that unwraps to sqlite-jdbc's
	 * @param signal called before each commit is written; must be quick; its exceptions
	 * are dropped
	 * @throws SQLException if a setting is refused
	 * @throws LitestreamException if the database is not in WAL mode and cannot be
	 * brought into it
	 */
	public static void prepare(Connection connection, Runnable signal) throws SQLException {
		SQLiteConnection sqlite = connection.unwrap(SQLiteConnection.class);
		if (PREPARED.putIfAbsent(sqlite, Boolean.TRUE) != null) {
			return;
		}
		try (Statement statement = sqlite.createStatement()) {
			try (ResultSet result = statement.executeQuery("PRAGMA busy_timeout")) {
				if (result.next() && result.getInt(1) == 0) {
					sqlite.setBusyTimeout(DEFAULT_BUSY_TIMEOUT);
				}
			}
			String mode;
			try (ResultSet result = statement.executeQuery("PRAGMA journal_mode")) {
				mode = result.next() ? result.getString(1) : "none";
			}
			if (!"wal".equalsIgnoreCase(mode)) {
				mode = WalMode.setUnlessReadOnly(statement);
				if (mode != null && !"wal".equalsIgnoreCase(mode)) {
					throw new LitestreamException("The database of this connection stays in journal mode '" + mode
							+ "', but only WAL mode can be replicated; remove journal_mode and locking_mode settings"
							+ " from the JDBC URL");
				}
			}
			statement.execute("PRAGMA wal_autocheckpoint=0");
		}
		catch (SQLException ex) {
			PREPARED.remove(sqlite);
			throw BusyDatabase.explained(sqlite.getUrl().replaceFirst("^jdbc:sqlite:([^?]*).*", "$1"), ex,
					"; if it only takes its time, set busy_timeout in the JDBC URL to more");
		}
		catch (RuntimeException ex) {
			PREPARED.remove(sqlite);
			throw ex;
		}
		sqlite.addCommitListener(new SQLiteCommitListener() {

			@Override
			public void onCommit() {
				try {
					signal.run();
				}
				catch (RuntimeException | Error ex) {
					// Not the application's concern: the commit is found without the
					// signal.
				}
			}

			@Override
			public void onRollback() {
			}

		});
	}

}
