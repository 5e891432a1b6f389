package dev.litestream.replica;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * The replica cannot be reached or did not answer in time; trying again may help.
 */
public class ReplicaUnavailableException extends IOException {

	private static final long serialVersionUID = 1L;

	/**
	 * Reports a replica out of reach.
	 * @param message what was tried, in a sentence without secrets
	 */
	public ReplicaUnavailableException(String message) {
		super(message);
	}

	/**
	 * Reports a replica out of reach and its cause.
	 * @param message what was tried, in a sentence without secrets
	 * @param cause what failed, or {@code null}
	 */
	public ReplicaUnavailableException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
