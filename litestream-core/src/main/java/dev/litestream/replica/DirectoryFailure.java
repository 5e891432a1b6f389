package dev.litestream.replica;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * Classifies a failure of a replica's file system: trying again may help, or an operator
 * has to act.
 */
final class DirectoryFailure {

	private DirectoryFailure() {
	}

	static IOException write(Path path, IOException ex) {
		if (ex instanceof AccessDeniedException || ex instanceof FileNotFoundException) {
			return refused("write", path, ex);
		}
		return new ReplicaUnavailableException("LTX file " + path + " could not be written: " + reason(ex), ex);
	}

	static IOException refused(String action, Path path, IOException ex) {
		return new ReplicaRefusedException(
				"This user may not " + action + " " + path + ": give the process access to the replica's directory",
				ex);
	}

	static String reason(IOException ex) {
		if (ex instanceof AccessDeniedException) {
			return "access denied";
		}
		String reason = (ex instanceof FileSystemException failure) ? failure.getReason() : ex.getMessage();
		return (reason != null) ? reason : ex.getClass().getSimpleName();
	}

}
