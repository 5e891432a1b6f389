package dev.litestream.spring.autoconfigure;

import dev.litestream.LitestreamException;

/**
 * A property of Litestream holds what cannot work. Names the property, what is wrong and
 * the cure; never holds a secret.
 */
public class InvalidLitestreamPropertyException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	private final String property;

	private final String problem;

	private final String cure;

	/**
	 * Creates an exception.
	 * @param property the full key, such as {@code litestream.dbs[0].path}
	 * @param problem what is wrong, a clause that follows the key, such as "is missing"
	 * @param cure a sentence that says what to write instead
	 */
	public InvalidLitestreamPropertyException(String property, String problem, String cure) {
		super(property + " " + problem + ". " + cure);
		this.property = property;
		this.problem = problem;
		this.cure = cure;
	}

	/**
	 * The property at fault.
	 * @return the full key
	 */
	public String getProperty() {
		return this.property;
	}

	/**
	 * What is wrong with it.
	 * @return a clause that follows the key
	 */
	public String getProblem() {
		return this.problem;
	}

	/**
	 * What to write instead.
	 * @return a sentence
	 */
	public String getCure() {
		return this.cure;
	}

}
