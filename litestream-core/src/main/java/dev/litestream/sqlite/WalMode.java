package dev.litestream.sqlite;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.sqlite.SQLiteErrorCode;

/**
 * Brings a database into WAL mode. That needs the database for a moment alone, and SQLite
 * calls no busy handler for two connections that both want it: so it is asked again.
 */
final class WalMode {

	private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(5);

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(2);

	private WalMode() {
	}

	/**
	 * Asks for WAL mode.
	 * @param statement of the connection
	 * @return the mode that the database is in now
	 * @throws SQLException if it is refused, or others kept the database busy for 5 s
	 */
	static String set(Statement statement) throws SQLException {
		long start = System.nanoTime();
		while (true) {
			try (ResultSet result = statement.executeQuery("PRAGMA journal_mode=WAL")) {
				return result.next() ? result.getString(1) : "none";
			}
			catch (SQLException ex) {
				if (!isBusy(ex) || System.nanoTime() - start > LONGEST_WAIT) {
					throw ex;
				}
			}
			LockSupport.parkNanos(PAUSE);
		}
	}

	private static boolean isBusy(SQLException failure) {
		int code = failure.getErrorCode() & 0xff;
		return code == SQLiteErrorCode.SQLITE_BUSY.code || code == SQLiteErrorCode.SQLITE_LOCKED.code;
	}

}
