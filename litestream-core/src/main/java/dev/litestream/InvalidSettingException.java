package dev.litestream;

/**
 * A setting has a value that cannot work. The message names the problem, the cure and the
 * whole key under which the setting is configured for all databases. It contains no
 * secret.
 */
public class InvalidSettingException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String key;

	private final String problem;

	private final String cure;

	/**
	 * Refuses a value.
	 * @param key the key of the setting, such as {@code litestream.sync-interval}
	 * @param problem what is wrong, a clause that follows the key, such as "is missing"
	 * @param cure a sentence that says what to write instead
	 */
	public InvalidSettingException(String key, String problem, String cure) {
		super(key + " " + problem + ". " + cure);
		this.key = key;
		this.problem = problem;
		this.cure = cure;
	}

	/**
	 * The setting.
	 * @return its whole key
	 */
	public String getKey() {
		return this.key;
	}

	/**
	 * What is wrong with its value.
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
