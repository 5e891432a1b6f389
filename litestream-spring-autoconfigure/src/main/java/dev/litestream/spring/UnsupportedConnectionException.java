package dev.litestream.spring;

import java.nio.file.Path;

import dev.litestream.LitestreamException;

/**
 * A connection of the application is set up in a way that does not go with replication.
 */
public class UnsupportedConnectionException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param path the database
	 * @param problem what the connection does, a clause that follows "The connection"
	 * @param cure what to change, a sentence without its full stop
	 */
	public UnsupportedConnectionException(Path path, String problem, String cure) {
		super("A connection to the replicated database " + path + " " + problem + ", so that it cannot be replicated. "
				+ cure + ".");
	}

}
