package dev.litestream.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * One read-only connection with its prepared statements, which holds one {@link ReadLock}
 * after the other. Used by one thread at a time.
 */
final class Reader implements AutoCloseable {

	private final Connection connection;

	private final PreparedStatement begin;

	private final PreparedStatement touch;

	private final PreparedStatement end;

	private boolean open;

	Reader(Connection connection) throws SQLException {
		this.connection = connection;
		this.begin = connection.prepareStatement("BEGIN");
		this.touch = connection.prepareStatement("SELECT count(*) FROM sqlite_schema");
		this.end = connection.prepareStatement("ROLLBACK");
	}

	void begin() throws SQLException {
		this.begin.execute();
		this.open = true;
		// BEGIN alone takes no lock: the first read does.
		try (ResultSet result = this.touch.executeQuery()) {
			result.next();
		}
	}

	long pageCount() throws SQLException {
		return LockConnections.pragma(this.connection, "page_count");
	}

	/** Ends the transaction if there is one. */
	void end() throws SQLException {
		if (this.open) {
			this.open = false;
			this.end.execute();
		}
	}

	/** Ends the transaction and closes the connection. */
	@Override
	public void close() throws SQLException {
		try {
			end();
		}
		finally {
			this.connection.close();
		}
	}

}
