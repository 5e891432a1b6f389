package dev.litestream.ltx;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes one LTX file to a stream. Not safe for several threads.
 */
public final class LtxWriter implements Closeable {

	/**
	 * Writes the header.
	 * @param out where the file goes; closed by {@link #close()}
	 * @param header the header
	 * @throws IOException if the stream fails
	 * @throws IllegalArgumentException if the header breaks a rule of the format
	 */
	public LtxWriter(OutputStream out, LtxHeader header) throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * Writes one page. Pages come in strictly ascending order.
	 * @param pgno the page number, from 1 to the header's commit, never the lock page
	 * @param page holds the page
	 * @param offset where the page starts in the array
	 * @throws IOException if the stream fails
	 * @throws IllegalArgumentException if the page breaks a rule of the format
	 */
	public void writePage(long pgno, byte[] page, int offset) throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * Writes end of pages, index and trailer and flushes the stream. A snapshot must be
	 * complete by then.
	 * @return the size of the whole file, in bytes
	 * @throws IOException if the stream fails
	 * @throws IllegalStateException if pages are missing from a snapshot
	 */
	public long finish() throws IOException {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() throws IOException {
		throw new UnsupportedOperationException();
	}

}
