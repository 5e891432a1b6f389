package dev.litestream.restore;

import java.io.IOException;

/**
 * Files of the backup are missing or cannot be read, and the target lies behind that gap.
 * An earlier TXID may still be restored.
 */
public class BackupGapException extends IOException {

	private static final long serialVersionUID = 1L;

	/**
	 * Reports a gap.
	 * @param message which files, and up to which position can be restored
	 */
	public BackupGapException(String message) {
		super(message);
	}

}
