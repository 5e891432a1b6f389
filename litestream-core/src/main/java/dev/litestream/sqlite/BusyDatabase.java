package dev.litestream.sqlite;

import java.sql.SQLException;

import org.sqlite.SQLiteErrorCode;

/**
 * The sentence for a database that stays locked. SQLite says only that it is: neither who
 * may hold it nor what to do.
 */
final class BusyDatabase {

	/** Who holds a database for longer than anybody waits. */
	private static final String SUSPECTS = "Another connection or process holds it: one with a long transaction or"
			+ " BEGIN EXCLUSIVE, one that has set locking_mode=EXCLUSIVE, a shell, a database browser, a backup tool,"
			+ " or an earlier instance of the application (fuser names the processes). End it, or its transaction";

	/** What helps our own connections if the holder cannot be ended. */
	static final String LONGER = "; if it only takes its time, set litestream.busy-timeout to more. Replication tries"
			+ " again";

	private BusyDatabase() {
	}

	/** Whether SQLite found the database locked. */
	static boolean is(SQLException failure) {
		int code = failure.getErrorCode() & 0xff;
		return code == SQLiteErrorCode.SQLITE_BUSY.code || code == SQLiteErrorCode.SQLITE_LOCKED.code;
	}

	/**
	 * The same failure, with suspects and cure if the database is locked and nobody has
	 * named them yet. {@code otherwise} ends the sentence: what else helps.
	 */
	static SQLException explained(String database, SQLException failure, String otherwise) {
		if (!is(failure) || failure.getCause() instanceof SQLException) {
			return failure;
		}
		return new SQLException(sentence(database, failure.getMessage(), otherwise), failure.getSQLState(),
				failure.getErrorCode(), failure);
	}

	static String sentence(String database, String detail, String otherwise) {
		return "The database " + database + " is locked (" + detail + "). " + SUSPECTS + otherwise;
	}

}
