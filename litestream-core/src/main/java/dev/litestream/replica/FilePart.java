package dev.litestream.replica;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.util.Objects;

import dev.litestream.ltx.CorruptLtxException;

/**
 * A part of a file as a stream. It reads through a {@link RandomAccessFile}: unlike a
 * channel, that is not closed when the reading thread is interrupted.
 */
final class FilePart extends InputStream {

	private final RandomAccessFile file;

	private final String name;

	private long left;

	/**
	 * Starts to read a number of bytes at an offset. The file is closed by
	 * {@link #close()}; its name is for messages.
	 */
	FilePart(RandomAccessFile file, String name, long offset, long length) throws IOException {
		this.file = file;
		this.name = name;
		this.left = length;
		file.seek(offset);
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
	}

	@Override
	public int read(byte[] bytes, int offset, int length) throws IOException {
		Objects.checkFromIndexSize(offset, length, bytes.length);
		if (length == 0) {
			return 0;
		}
		if (this.left == 0) {
			return -1;
		}
		int read = this.file.read(bytes, offset, (int) Math.min(length, this.left));
		if (read < 0) {
			throw new CorruptLtxException(
					"LTX file " + this.name + " ends " + this.left + " bytes before its listed size");
		}
		this.left -= read;
		return read;
	}

	@Override
	public int available() {
		return (int) Math.min(Integer.MAX_VALUE, this.left);
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
