package dev.litestream.restore;

import java.io.IOException;

/**
 * The replica holds no LTX file at all.
 */
public class NoBackupException extends IOException {

	private static final long serialVersionUID = 1L;

	/**
	 * Reports an empty replica.
	 * @param location the replica's location, without user information
	 */
	public NoBackupException(String location) {
		super("The replica " + location + " holds no backup");
	}

}
