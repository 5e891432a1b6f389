package dev.litestream.nats.bucket;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The next bytes of a stream, exactly as many as asked for.
 */
final class Part extends FilterInputStream {

	private long remaining;

	Part(InputStream in, long length) {
		super(in);
		this.remaining = length;
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
	}

	@Override
	public int read(byte[] target, int offset, int length) throws IOException {
		if (this.remaining == 0) {
			return (length == 0) ? 0 : -1;
		}
		int count = super.read(target, offset, (int) Math.min(length, this.remaining));
		if (count < 0) {
			throw new EOFException("The object ends " + this.remaining + " bytes before the part that was asked for");
		}
		this.remaining -= count;
		return count;
	}

	@Override
	public long skip(long count) throws IOException {
		long skipped = super.skip(Math.min(count, this.remaining));
		this.remaining -= skipped;
		return skipped;
	}

	@Override
	public int available() throws IOException {
		return (int) Math.min(super.available(), this.remaining);
	}

	@Override
	public boolean markSupported() {
		return false;
	}

}
