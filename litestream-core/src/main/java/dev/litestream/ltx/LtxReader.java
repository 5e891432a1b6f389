package dev.litestream.ltx;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads one LTX file from a stream, in one pass. Not safe for several threads.
 */
public final class LtxReader implements Closeable {

	/**
	 * Reads and checks the header.
	 * @param in the file, from its first byte; closed by {@link #close()}
	 * @param name the file's name, for messages
	 * @throws CorruptLtxException if the header is not valid
	 * @throws IOException if the stream fails
	 */
	public LtxReader(InputStream in, String name) throws IOException {
		throw new UnsupportedOperationException();
	}

	public LtxHeader header() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Reads the next page. When the last page has been read, index, trailer and file
	 * checksum are verified before 0 is returned, so that a caller that reached the end
	 * has read a whole and correct file.
	 * @param page receives the page, at least one page long
	 * @return the page number, or 0 at the verified end
	 * @throws CorruptLtxException if the file is not valid
	 * @throws IOException if the stream fails
	 */
	public long nextPage(byte[] page) throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * Reads a whole file and verifies it.
	 * @param in the file; closed
	 * @param name the file's name, for messages
	 * @return its header
	 * @throws CorruptLtxException if the file is not valid
	 * @throws IOException if the stream fails
	 */
	public static LtxHeader verify(InputStream in, String name) throws IOException {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() throws IOException {
		throw new UnsupportedOperationException();
	}

}
