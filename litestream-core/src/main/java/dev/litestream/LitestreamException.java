package dev.litestream;

import org.jspecify.annotations.Nullable;

/**
 * Root of the exceptions that an application sees. Messages are sentences that name the
 * setting and the cure. They contain no secrets.
 */
public class LitestreamException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Reports a failure.
	 * @param message a sentence that names the setting and the cure, without secrets
	 */
	public LitestreamException(String message) {
		super(message);
	}

	/**
	 * Reports a failure and its cause.
	 * @param message a sentence that names the setting and the cure, without secrets
	 * @param cause what failed, or {@code null}
	 */
	public LitestreamException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
