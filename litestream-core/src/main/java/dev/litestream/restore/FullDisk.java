package dev.litestream.restore;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;

/**
 * Tells a restore that failed for want of space from others, by what the system says.
 */
final class FullDisk {

	private static final List<String> WORDS = List.of("No space left on device", "Disk quota exceeded",
			"not enough space on the disk");

	private FullDisk() {
	}

	/**
	 * Says what to do about a failure if it is one of space.
	 * @param failure why a restore failed
	 * @param database where to
	 * @return the failure, in a sentence that names the cure if it is one of space
	 */
	static IOException explain(IOException failure, Path database) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (isFull(cause)) {
				return new IOException("there is no space left for " + database + " (" + cause.getMessage()
						+ "): a restore needs room for the whole database beside it, as long as there is an old one"
						+ " for both, and for its hashes in the local spool. Free space there, or let litestream.dbs[].path name a"
						+ " file on a larger disk. What was there before is as it was", failure);
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
