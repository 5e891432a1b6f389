package dev.litestream.verification;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * A verification cannot run now; that says nothing about the backup.
 */
final class SkippedException extends IOException {

	private static final long serialVersionUID = 1L;

	SkippedException(String reason) {
		this(reason, null);
	}

	SkippedException(String reason, @Nullable Throwable cause) {
		super(reason, cause);
	}

}
