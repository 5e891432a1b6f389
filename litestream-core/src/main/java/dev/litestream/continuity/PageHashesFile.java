package dev.litestream.continuity;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * The bytes of {@link PageHashes}: a file that nobody else opens. A power loss may take
 * any bytes that were not forced to disk. Not thread-safe.
 */
interface PageHashesFile extends Closeable {

	/** Opens a file, and creates it if it does not exist. */
	static PageHashesFile open(Path path) throws IOException {
		return new OnDisk(new RandomAccessFile(path.toFile(), "rw"));
	}

	long length() throws IOException;

	/** Reads up to the end of the file, and returns the number of bytes, at least 0. */
	int read(long position, byte[] bytes, int length) throws IOException;

	void write(long position, byte[] bytes, int length) throws IOException;

	void truncate(long length) throws IOException;

	void force() throws IOException;

	/** Opens the file for each use. */
	@FunctionalInterface
	interface Opener {

		PageHashesFile open(Path path) throws IOException;

	}

	/** A file on disk. */
	final class OnDisk implements PageHashesFile {

		private final RandomAccessFile file;

		private OnDisk(RandomAccessFile file) {
			this.file = file;
		}

		@Override
		public long length() throws IOException {
			return this.file.length();
		}

		@Override
		public int read(long position, byte[] bytes, int length) throws IOException {
			this.file.seek(position);
			int done = 0;
			while (done < length) {
				int n = this.file.read(bytes, done, length - done);
				if (n < 0) {
					break;
				}
				done += n;
			}
			return done;
		}

		@Override
		public void write(long position, byte[] bytes, int length) throws IOException {
			this.file.seek(position);
			this.file.write(bytes, 0, length);
		}

		@Override
		public void truncate(long length) throws IOException {
			this.file.setLength(length);
		}

		@Override
		public void force() throws IOException {
			this.file.getFD().sync();
		}

		@Override
		public void close() throws IOException {
			this.file.close();
		}

	}

}
