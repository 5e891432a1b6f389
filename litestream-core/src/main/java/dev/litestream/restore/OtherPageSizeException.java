package dev.litestream.restore;

import java.io.IOException;

/**
 * Files of a replica cannot be merged because they have pages of different sizes: the
 * page size of the database was changed between them.
 */
public final class OtherPageSizeException extends IOException {

	private static final long serialVersionUID = 1L;

	OtherPageSizeException(String message, Throwable cause) {
		super(message, cause);
	}

}
