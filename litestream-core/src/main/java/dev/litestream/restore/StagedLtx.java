package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import org.jspecify.annotations.Nullable;

/**
 * An LTX file that has arrived: small ones lie in memory, others on disk. Not
 * thread-safe.
 */
final class StagedLtx {

	private final LtxFileInfo file;

	private final byte @Nullable [] bytes;

	private final @Nullable Path path;

	private StagedLtx(LtxFileInfo file, byte @Nullable [] bytes, @Nullable Path path) {
		this.file = file;
		this.bytes = bytes;
		this.path = path;
	}

	static StagedLtx inMemory(LtxFileInfo file, byte[] bytes) {
		return new StagedLtx(file, bytes, null);
	}

	static StagedLtx onDisk(LtxFileInfo file, Path path) {
		return new StagedLtx(file, null, path);
	}

	/** The file, as it was listed. */
	LtxFileInfo file() {
		return this.file;
	}

	/** Its level and name, for messages. */
	String name() {
		return this.file.level() + "/" + this.file.fileName();
	}

	/**
	 * Opens a reader at the file's start, with a buffer of a size in bytes. Throws
	 * {@link CorruptLtxException} if the header is not valid or belongs to another file.
	 */
	LtxReader reader(int bufferSize) throws IOException {
		LtxReader reader = new LtxReader(open(), name(), (int) Math.min(bufferSize, this.file.size()));
		LtxHeader header = reader.header();
		if (!header.minTxid().equals(this.file.minTxid()) || !header.maxTxid().equals(this.file.maxTxid())) {
			reader.close();
			throw new CorruptLtxException(name(), 16,
					"it holds TXID " + header.minTxid() + " to " + header.maxTxid() + ", not what its name says");
		}
		return reader;
	}

	private InputStream open() throws IOException {
		if (this.bytes != null) {
			return new ByteArrayInputStream(this.bytes);
		}
		// not a channel: that would be closed if this thread is interrupted
		return new FileInputStream(Objects.requireNonNull(this.path).toFile());
	}

	/** Frees the disk space early; the rest is removed with the staging directory. */
	void discard() throws IOException {
		if (this.path != null) {
			Files.deleteIfExists(this.path);
		}
	}

}
