package dev.litestream.compaction;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * A merged file was read back and is not what had been merged; its sources stay.
 */
final class UnverifiedLtxException extends IOException {

	private static final long serialVersionUID = 1L;

	UnverifiedLtxException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
