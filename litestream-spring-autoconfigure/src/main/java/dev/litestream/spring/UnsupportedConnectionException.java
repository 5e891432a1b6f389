package dev.litestream.spring;

import java.nio.file.Path;

import dev.litestream.LitestreamException;

/**
 * A connection of the application is set up in a way that does not go with replication.
 */
public class UnsupportedConnectionException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	private final String problem;

	private final String cure;

	/**
	 * Creates an exception.
	 * @param path the database
	 * @param problem what the connection does, a clause that follows its name
	 * @param cure a sentence that says what to change
	 */
	public UnsupportedConnectionException(Path path, String problem, String cure) {
		this("A connection to the database " + path + ", which is replicated, " + problem + ".", cure);
	}

	private UnsupportedConnectionException(String problem, String cure) {
		super(problem + " " + cure);
		this.problem = problem;
		this.cure = cure;
	}

	/**
	 * What is wrong.
	 * @return a sentence that names the database
	 */
	public String getProblem() {
		return this.problem;
	}

	/**
	 * What to change.
	 * @return a sentence
	 */
	public String getCure() {
		return this.cure;
	}

}
