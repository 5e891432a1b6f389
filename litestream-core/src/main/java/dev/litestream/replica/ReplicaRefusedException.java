package dev.litestream.replica;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * The replica refuses or does not exist: its message says what an operator has to change.
 */
public class ReplicaRefusedException extends IOException {

	private static final long serialVersionUID = 1L;

	public ReplicaRefusedException(String message) {
		super(message);
	}

	public ReplicaRefusedException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
