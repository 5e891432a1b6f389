package dev.litestream.wal;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * An open {@code -wal} file and the memory to read it into. Not thread-safe.
 */
final class WalFile implements Closeable {

	// RandomAccessFile, not FileChannel: an interrupt would close the channel.

	private final RandomAccessFile file;

	private final WalBuffer buffer;

	private WalFile(RandomAccessFile file, WalBuffer buffer) {
		this.file = file;
		this.buffer = buffer;
	}

	/**
	 * Opens a file, or returns {@code null} if it is missing. The buffer serves this file
	 * until it is closed.
	 */
	static @Nullable WalFile open(Path wal, WalBuffer buffer) throws IOException {
		try {
			return new WalFile(new RandomAccessFile(wal.toFile(), "r"), buffer);
		}
		catch (FileNotFoundException ex) {
			// also thrown when permission or descriptors are lacking, which is not "no
			// WAL"
			if (Files.notExists(wal)) {
				return null;
			}
			throw ex;
		}
	}

	/**
	 * The header, or {@code null} if it is short, torn or not a WAL header.
	 */
	@Nullable WalHeader readHeader() throws IOException {
		byte[] bytes = buffer(WalHeader.SIZE);
		return WalHeader.parse(bytes, read(0, bytes, WalHeader.SIZE));
	}

	/**
	 * An array of at least that many bytes. Valid until the next call of this method or
	 * of {@link #readHeader()}.
	 */
	byte[] buffer(int size) {
		return this.buffer.ofSize(size);
	}

	/**
	 * An array of at least that many bytes for frames read ahead. Valid until the next
	 * call of this method.
	 */
	byte[] aheadBuffer(int size) {
		return this.buffer.aheadOfSize(size);
	}

	/**
	 * Reads up to a number of bytes from an offset to the start of an array, and returns
	 * how many the file had.
	 */
	int read(long offset, byte[] bytes, int length) throws IOException {
		this.file.seek(offset);
		int count = 0;
		while (count < length) {
			int n = this.file.read(bytes, count, length - count);
			if (n < 0) {
				break;
			}
			count += n;
		}
		return count;
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
