package dev.litestream.spring;

import java.sql.SQLException;

import com.zaxxer.hikari.SQLExceptionOverride;

/**
 * Takes a connection out of the pool whose driver believes in a transaction that SQLite
 * has ended. On a full disk, among others, SQLite rolls back by itself; sqlite-jdbc does
 * not notice, its rollback fails, and Hikari gives the connection away again as it is. On
 * such a connection each statement would be committed on its own, whatever transaction
 * the application believes in, and each commit would fail.
 */
final class EndedTransactions implements SQLExceptionOverride {

	/** What SQLite says to a commit or rollback outside of a transaction. */
	private static final String NO_TRANSACTION = "no transaction is active";

	@java.lang.Override
	public Override adjudicate(SQLException exception) {
		String message = exception.getMessage();
		return (message != null && message.contains(NO_TRANSACTION)) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
	}

}
