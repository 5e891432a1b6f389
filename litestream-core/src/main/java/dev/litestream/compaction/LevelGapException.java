package dev.litestream.compaction;

import java.io.IOException;

/**
 * Files are missing between a level and the one above it, and no other level has them:
 * the replica's history is broken there until a snapshot bridges it.
 */
public final class LevelGapException extends IOException {

	private static final long serialVersionUID = 1L;

	LevelGapException(String message) {
		super(message);
	}

	LevelGapException(String message, Throwable cause) {
		super(message, cause);
	}

}
