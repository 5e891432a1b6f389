package dev.litestream.wal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * Reads committed frames of a WAL from a verified position, following the checksum chain.
 * Opens and closes the {@code -wal} file, which SQLite never locks. Torn, short, stale
 * and uncommitted frames are the end of the log, never an error. Not safe for several
 * threads.
 */
public final class WalReader implements Closeable {

	/**
	 * Opens a WAL.
	 * @param wal the {@code -wal} file
	 * @return the reader, or {@code null} if the file is missing, shorter than a header
	 * or its header is torn
	 * @throws IOException if it cannot be read
	 */
	public static @Nullable WalReader open(Path wal) throws IOException {
		throw new UnsupportedOperationException();
	}

	/** The header as it was when the WAL was opened. */
	public WalHeader header() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Whether the header on disk is still the one read at opening (no restart since).
	 * @return whether the generation is unchanged
	 * @throws IOException if it cannot be read
	 */
	public boolean sameHeader() throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * Whether the frame before a position is still the one that ended there: same salts
	 * and same running checksum. True for the position behind the header if the header's
	 * checksum matches.
	 * @param position a position of this generation
	 * @return whether the position still holds
	 * @throws IOException if it cannot be read
	 */
	public boolean holds(WalPosition position) throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * Scans committed frames from a position.
	 * @param from a verified position of this generation
	 * @param maxBytes soft limit: stop behind the first commit frame at or beyond this
	 * many bytes; 0 for none
	 * @return what was found
	 * @throws IOException if it cannot be read
	 */
	public Scan scan(WalPosition from, long maxBytes) throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * Scans committed frames up to an exact position.
	 * @param from a verified position of this generation
	 * @param end a position of this generation behind a commit frame
	 * @return what was found; ends at {@code end} or before it if the chain breaks
	 * @throws IOException if it cannot be read
	 */
	public Scan scanTo(WalPosition from, WalPosition end) throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * Reads the page of one frame.
	 * @param offset offset of the frame's header
	 * @param pgno the page that the frame must hold
	 * @param page receives the page
	 * @return whether the frame's header named that page and this generation's salts,
	 * both before and after the page was read
	 * @throws IOException if it cannot be read
	 */
	public boolean readPage(long offset, long pgno, byte[] page) throws IOException {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() throws IOException {
		throw new UnsupportedOperationException();
	}

	/**
	 * What a scan found.
	 *
	 * @param end the position behind the last commit frame, or the start if there is none
	 * @param commit size of the database after it, in pages; 0 if there is no commit
	 * frame
	 * @param transactions number of commit frames
	 * @param limited whether the scan stopped at its limit and more may follow
	 * @param pages the newest frame of each page, none beyond {@code commit}
	 */
	public record Scan(WalPosition end, long commit, int transactions, boolean limited, PageMap pages) {

		public boolean isEmpty() {
			return this.transactions == 0;
		}

	}

}
