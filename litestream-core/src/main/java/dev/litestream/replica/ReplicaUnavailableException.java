package dev.litestream.replica;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * The replica cannot be reached or did not answer in time; trying again may help.
 */
public class ReplicaUnavailableException extends IOException {

	private static final long serialVersionUID = 1L;

	public ReplicaUnavailableException(String message) {
		super(message);
	}

	public ReplicaUnavailableException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
