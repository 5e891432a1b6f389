package dev.litestream.continuity;

import dev.litestream.LitestreamException;

/**
 * The database does not continue the replica's history, and nothing was shipped.
 * Replication stops until an operator has decided.
 */
public final class DatabaseMismatchException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	DatabaseMismatchException(String message) {
		super(message);
	}

}
