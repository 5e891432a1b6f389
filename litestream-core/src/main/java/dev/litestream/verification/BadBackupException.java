package dev.litestream.verification;

import java.io.IOException;

/**
 * The replica does not hold what it has acknowledged.
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
