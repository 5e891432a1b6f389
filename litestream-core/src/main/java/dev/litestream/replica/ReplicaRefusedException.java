package dev.litestream.replica;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * The replica refuses or does not exist. The message says what an operator has to change.
 */
public class ReplicaRefusedException extends IOException {

	private static final long serialVersionUID = 1L;

	/**
	 * Reports a refusal.
	 * @param message what was refused and what to change, without secrets
	 */
	public ReplicaRefusedException(String message) {
		super(message);
	}

	/**
	 * Reports a refusal and its cause.
	 * @param message what was refused and what to change, without secrets
	 * @param cause what failed, or {@code null}
	 */
	public ReplicaRefusedException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
