package dev.litestream.ltx;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * A stream of LTX bytes behind one buffer. Bytes are first {@linkplain #require asked
 * for}, then looked at in place and {@linkplain #skip passed}. Not thread-safe.
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
	 * Makes room for a larger {@link #require}.
	 * @param size the largest number of bytes to be asked for
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
	 * Brings bytes into the buffer.
	 * @param count how many, at most the capacity
	 * @throws CorruptLtxException if the stream ends before
	 * @throws IOException if the stream fails
	 */
	void require(int count) throws IOException {
		if (available() < count && !fill(count)) {
			throw new CorruptLtxException(this.name, this.offset + available(), "the file ends early");
		}
	}

	/**
	 * Whether the stream is at its end.
	 * @return whether no byte follows
	 * @throws IOException if the stream fails
	 */
	boolean atEnd() throws IOException {
		return available() == 0 && !fill(1);
	}

	/**
	 * Passes bytes that have been asked for.
	 * @param count how many
	 */
	void skip(int count) {
		this.position += count;
		this.offset += count;
	}

	/**
	 * Reports a fault at the current position.
	 * @param what what is wrong, as a clause
	 * @return the exception to throw
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

	/** The array that holds the bytes asked for; replaced by {@link #ensureCapacity}. */
	byte[] buffer() {
		return this.buffer;
	}

	/** Where the bytes asked for start in the array. */
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
