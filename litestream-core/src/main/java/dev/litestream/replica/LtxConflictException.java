package dev.litestream.replica;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * A file of that name exists with other content: another writer uses the replica (law 9).
 */
public class LtxConflictException extends IOException {

	private static final long serialVersionUID = 1L;

	/**
	 * Reports a conflict.
	 * @param message which name, in a sentence
	 */
	public LtxConflictException(String message) {
		super(message);
	}

	/**
	 * Reports a conflict and its cause.
	 * @param message which name, in a sentence
	 * @param cause what failed, or {@code null}
	 */
	public LtxConflictException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
