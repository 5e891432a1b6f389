package dev.litestream.compaction;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * A merged file, when read back, differs from what was merged. Its sources stay.
 */
final class UnverifiedLtxException extends IOException {

	private static final long serialVersionUID = 1L;

	UnverifiedLtxException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
