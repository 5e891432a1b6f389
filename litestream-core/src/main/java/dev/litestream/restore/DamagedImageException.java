package dev.litestream.restore;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * All files of a backup are as they were written, but SQLite finds the database in them
 * damaged.
 */
public class DamagedImageException extends IOException {

	private static final long serialVersionUID = 1L;

	/**
	 * Reports damage.
	 * @param answer what SQLite says
	 * @param cause what failed, or {@code null}
	 */
	public DamagedImageException(String answer, @Nullable Throwable cause) {
		super("The restored database is damaged and was not put in place; SQLite says: " + answer
				+ ". Restore an earlier TXID, or set litestream.restore.integrity-check to none to get it anyway",
				cause);
	}

}
