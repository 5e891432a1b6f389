package dev.litestream.ltx;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * A stream of LTX bytes behind one buffer. Bytes are first {@linkplain #require
 * required}, then read in place and {@linkplain #skip skipped}. Not thread-safe.
 */
final class LtxInput implements Closeable {

	private final InputStream in;

	private final String name;

	private byte[] buffer;

	private int position;

	private int limit;

	private long offset;

	LtxInput(InputStream in, String name, int bufferSize) {
		this.in = in;
		this.name = name;
		this.buffer = new byte[bufferSize];
	}

	/**
	 * Makes room for a larger {@link #require}, of up to a number of bytes.
	 */
	void ensureCapacity(int size) {
		if (this.buffer.length < size) {
			byte[] larger = new byte[size];
			System.arraycopy(this.buffer, this.position, larger, 0, available());
			this.limit = available();
			this.position = 0;
			this.buffer = larger;
		}
	}

	/**
	 * Brings a number of bytes into the buffer, at most its capacity. Throws
	 * {@link CorruptLtxException} if the stream ends before.
	 */
	void require(int count) throws IOException {
		if (available() < count && !fill(count)) {
			throw new CorruptLtxException(this.name, this.offset + available(), "the file ends early");
		}
	}

	/**
	 * Whether no byte follows.
	 */
	boolean atEnd() throws IOException {
		return available() == 0 && !fill(1);
	}

	/**
	 * Skips bytes that have been required.
	 */
	void skip(int count) {
		this.position += count;
		this.offset += count;
	}

	/**
	 * The exception that reports a fault at the current position; the fault is a clause.
	 */
	CorruptLtxException corrupt(String what) {
		return new CorruptLtxException(this.name, this.offset, what);
	}

	/** The file's name, for messages. */
	String name() {
		return this.name;
	}

	/** Position in the file, in bytes. */
	long offset() {
		return this.offset;
	}

	/** The array that holds the required bytes; replaced by {@link #ensureCapacity}. */
	byte[] buffer() {
		return this.buffer;
	}

	/** Where the required bytes start in the array. */
	int position() {
		return this.position;
	}

	int byteAt(int index) {
		return this.buffer[this.position + index] & 0xFF;
	}

	int shortAt(int index) {
		return BigEndian.getUnsignedShort(this.buffer, this.position + index);
	}

	int intAt(int index) {
		return BigEndian.getInt(this.buffer, this.position + index);
	}

	long longAt(int index) {
		return BigEndian.getLong(this.buffer, this.position + index);
	}

	@Override
	public void close() throws IOException {
		this.in.close();
	}

	private int available() {
		return this.limit - this.position;
	}

	private boolean fill(int count) throws IOException {
		Objects.checkFromIndexSize(0, count, this.buffer.length); // else no read makes
																	// progress
		if (this.position > 0) {
			System.arraycopy(this.buffer, this.position, this.buffer, 0, available());
			this.limit = available();
			this.position = 0;
		}
		while (this.limit < count) {
			int read = this.in.read(this.buffer, this.limit, this.buffer.length - this.limit);
			if (read < 0) {
				return false;
			}
			this.limit += read;
		}
		return true;
	}

}
