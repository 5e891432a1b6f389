package dev.litestream.ltx;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * Merges the pages of contiguous LTX files into the pages of one: ascending, of each page
 * the newest, none beyond the last file's commit. Not safe for several threads.
 */
public final class PageMerge implements Closeable {

	/**
	 * Starts a merge.
	 * @param oldestFirst the files, each at its start, contiguous (overlap allowed);
	 * closed by {@link #close()}
	 * @throws IOException if a file cannot be read
	 * @throws IllegalArgumentException if the files are not contiguous or differ in page
	 * size
	 */
	public PageMerge(List<LtxReader> oldestFirst) throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * The header of the merged file: first file's minimum, last file's maximum, commit
	 * and timestamp, no WAL fields.
	 * @return the header
	 */
	public LtxHeader header() {
		throw new UnsupportedOperationException();
	}

	/**
	 * The next page.
	 * @param page receives the page
	 * @return the page number, or 0 when all inputs have been read to their verified end
	 * @throws IOException if a file cannot be read or is corrupt
	 */
	public long nextPage(byte[] page) throws IOException {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() throws IOException {
		throw new UnsupportedOperationException();
	}

}
