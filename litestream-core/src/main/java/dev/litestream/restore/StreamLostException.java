package dev.litestream.restore;

import java.io.IOException;

/**
 * A file that was merged while it arrived failed, or what was merged with it did; all
 * files have to be here to tell which.
 */
final class StreamLostException extends IOException {

	private static final long serialVersionUID = 1L;

	StreamLostException(Exception cause) {
		super(cause);
	}

}
