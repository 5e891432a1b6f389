package dev.litestream.verification;

import java.io.IOException;

/**
 * The replica has lost or damaged files that it had acknowledged.
 */
final class BadBackupException extends IOException {

	private static final long serialVersionUID = 1L;

	BadBackupException(String message, Throwable cause) {
		super(message, cause);
	}

	BadBackupException(String message) {
		super(message);
	}

}
