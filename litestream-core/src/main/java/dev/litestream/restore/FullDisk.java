package dev.litestream.restore;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;

/**
 * Recognizes by the system's message that a restore failed for lack of space.
 */
final class FullDisk {

	private static final List<String> WORDS = List.of("No space left on device", "Disk quota exceeded",
			"not enough space on the disk");

	private FullDisk() {
	}

	/**
	 * A failure with the cure added to its message if it is a lack of space, otherwise
	 * the failure itself.
	 */
	static IOException explain(IOException failure, Path database) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (isFull(cause)) {
				return new IOException("there is no space left for " + database + " (" + cause.getMessage()
						+ "): a restore needs space for the whole new database beside the old one, and for its "
						+ "hashes in the local spool. Free space there, or let litestream.dbs[].path name "
						+ "a file on a larger disk. Existing files are unchanged", failure);
			}
		}
		return failure;
	}

	private static boolean isFull(Throwable cause) {
		String message = String.valueOf((cause instanceof FileSystemException failure && failure.getReason() != null)
				? failure.getReason() : cause.getMessage());
		return cause instanceof IOException && WORDS.stream().anyMatch(message::contains);
	}

}
