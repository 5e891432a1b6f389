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
	 * Opens a file.
	 * @param wal the file
	 * @param buffer serves this file until it is closed
	 * @return the open file, or {@code null} if it is missing
	 * @throws IOException if it cannot be opened
	 */
	static @Nullable WalFile open(Path wal, WalBuffer buffer) throws IOException {
		try {
			return new WalFile(new RandomAccessFile(wal.toFile(), "r"), buffer);
		}
		catch (FileNotFoundException ex) {
			// also thrown for want of permission or descriptors, which is not "no WAL"
			if (Files.notExists(wal)) {
				return null;
			}
			throw ex;
		}
	}

	/**
	 * Reads the header.
	 * @return the header, or {@code null} if it is short, torn or not a WAL header
	 * @throws IOException if it cannot be read
	 */
	@Nullable WalHeader readHeader() throws IOException {
		byte[] bytes = buffer(WalHeader.SIZE);
		return WalHeader.parse(bytes, read(0, bytes, WalHeader.SIZE));
	}

	/**
	 * Memory to read into. Valid until the next call of this method or of
	 * {@link #readHeader()}.
	 * @param size how many bytes are needed
	 * @return an array of at least that size
	 */
	byte[] buffer(int size) {
		return this.buffer.ofSize(size);
	}

	/**
	 * Memory for frames read ahead. Valid until the next call of this method.
	 * @param size how many bytes are needed
	 * @return an array of at least that size
	 */
	byte[] aheadBuffer(int size) {
		return this.buffer.aheadOfSize(size);
	}

	/**
	 * Fills an array, as far as the file goes.
	 * @param offset where to start in the file
	 * @param bytes receives the bytes, from its start
	 * @param length how many
	 * @return how many there were
	 * @throws IOException if the file cannot be read
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
