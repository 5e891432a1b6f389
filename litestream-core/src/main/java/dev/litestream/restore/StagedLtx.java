package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * An LTX file that has arrived: small ones lie in memory, others on disk. Immutable.
 */
final class StagedLtx {

	private final String name;

	private final long size;

	private final byte @Nullable [] bytes;

	private final @Nullable Path path;

	private StagedLtx(String name, long size, byte @Nullable [] bytes, @Nullable Path path) {
		this.name = name;
		this.size = size;
		this.bytes = bytes;
		this.path = path;
	}

	static StagedLtx inMemory(String name, byte[] bytes) {
		return new StagedLtx(name, bytes.length, bytes, null);
	}

	static StagedLtx onDisk(String name, long size, Path path) {
		return new StagedLtx(name, size, null, path);
	}

	/** The file's level and name, for messages. */
	String name() {
		return this.name;
	}

	/** Its size in bytes. */
	long size() {
		return this.size;
	}

	InputStream open() throws IOException {
		if (this.bytes != null) {
			return new ByteArrayInputStream(this.bytes);
		}
		// not a channel: that would be closed if this thread is interrupted
		return new FileInputStream(path().toFile());
	}

	/** Frees the disk space early; what is left goes with the staging directory. */
	void discard() throws IOException {
		if (this.path != null) {
			Files.deleteIfExists(this.path);
		}
	}

	private Path path() {
		if (this.path == null) {
			throw new IllegalStateException(this.name + " is not on disk");
		}
		return this.path;
	}

}
