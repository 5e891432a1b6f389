package dev.litestream.continuity;

import dev.litestream.LitestreamException;

/**
 * The database does not continue the replica's history, and nothing was shipped.
 * Replication stops until an operator has decided.
 */
public final class DatabaseMismatchException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	private final String fault;

	DatabaseMismatchException(String message, String fault) {
		super(message);
		this.fault = fault;
	}

	/**
	 * What is wrong with the database.
	 * @return a clause that follows "the database"
	 */
	public String fault() {
		return this.fault;
	}

}
