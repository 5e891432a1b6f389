package dev.litestream.continuity;

import dev.litestream.LitestreamException;

/**
 * The database is not the continuation of what the replica holds, and nothing was
 * shipped. Replication ends until an operator has decided.
 */
public final class DatabaseMismatchException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	DatabaseMismatchException(String message) {
		super(message);
	}

}
