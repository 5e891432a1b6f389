package dev.litestream.spool;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * The local spool cannot be read or written. It is not the replica that fails.
 */
public final class SpoolException extends IOException {

	private static final long serialVersionUID = 1L;

	SpoolException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
