package dev.litestream.spool;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * The local spool, not the replica, cannot be read or written.
 */
public final class SpoolException extends IOException {

	private static final long serialVersionUID = 1L;

	SpoolException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
