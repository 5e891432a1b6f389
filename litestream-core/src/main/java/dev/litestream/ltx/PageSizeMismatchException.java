package dev.litestream.ltx;

/**
 * LTX files cannot be merged because they have pages of different sizes.
 */
public final class PageSizeMismatchException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	PageSizeMismatchException(String message) {
		super(message);
	}

}
