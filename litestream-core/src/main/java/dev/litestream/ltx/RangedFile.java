package dev.litestream.ltx;

import java.io.IOException;
import java.io.InputStream;

/**
 * A file of which parts can be read.
 */
@FunctionalInterface
public interface RangedFile {

	/**
	 * Opens a part.
	 * @param offset where it starts, in bytes
	 * @param length its length, in bytes
	 * @return the part; closed by the caller
	 * @throws IOException if it cannot be opened
	 */
	InputStream open(long offset, long length) throws IOException;

}
