package dev.litestream.sqlite;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/**
 * Brings a database into WAL mode. That needs the database exclusively for a moment, and
 * SQLite calls no busy handler for two connections that both want it: so this is tried
 * again.
 */
final class WalMode {

	private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(5);

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(2);

	private WalMode() {
	}

	/**
	 * Asks for WAL mode, and returns the mode that the database is in now. Fails if
	 * SQLite refuses, or if others kept the database busy for 5 s.
	 */
	static String set(Statement statement) throws SQLException {
		String mode = ask(statement, false);
		return (mode != null) ? mode : "none";
	}

	/**
	 * Asks for WAL mode on a connection of the application. Returns the mode that the
	 * database is in now, or {@code null} if the connection may not change it. Fails if
	 * SQLite refuses, or if others kept the database busy for 5 s.
	 */
	static @Nullable String setUnlessReadOnly(Statement statement) throws SQLException {
		return ask(statement, true);
	}

	private static @Nullable String ask(Statement statement, boolean mayBeReadOnly) throws SQLException {
		long start = System.nanoTime();
		while (true) {
			try (ResultSet result = statement.executeQuery("PRAGMA journal_mode=WAL")) {
				return result.next() ? result.getString(1) : "none";
			}
			catch (SQLException ex) {
				if (mayBeReadOnly && is(ex, SQLiteErrorCode.SQLITE_READONLY)) {
					return null;
				}
				if (!BusyDatabase.is(ex)) {
					throw ex;
				}
				if (System.nanoTime() - start > LONGEST_WAIT) {
					throw busy(statement, ex);
				}
			}
			LockSupport.parkNanos(PAUSE);
		}
	}

	/** Whoever may not even read the mode meets an exclusive lock, in either mode. */
	private static SQLException busy(Statement statement, SQLException cause) throws SQLException {
		try (ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
			if (mode.next() && mode.getString(1).equalsIgnoreCase("wal")) {
				return cause;
			}
		}
		catch (SQLException ex) {
			return cause;
		}
		String file = "";
		try (ResultSet databases = statement.executeQuery("PRAGMA database_list")) {
			file = databases.next() ? " " + databases.getString("file") : "";
		}
		return new SQLException("The database" + file + " has a rollback journal and cannot be brought into WAL mode,"
				+ " because a program or another connection reads or writes it without a pause (" + cause.getMessage()
				+ "). End that program, such as a shell or a database browser (fuser names it), or its "
				+ "transaction; replication tries again", cause.getSQLState(), cause.getErrorCode(), cause);
	}

	private static boolean is(SQLException failure, SQLiteErrorCode code) {
		return (failure.getErrorCode() & 0xff) == code.code;
	}

}
