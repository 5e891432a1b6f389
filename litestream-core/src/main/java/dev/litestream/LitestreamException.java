package dev.litestream;

import org.jspecify.annotations.Nullable;

/**
 * Root of the exceptions that an application sees. Messages are sentences that name the
 * setting and the cure and hold no secrets.
 */
public class LitestreamException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	public LitestreamException(String message) {
		super(message);
	}

	public LitestreamException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
