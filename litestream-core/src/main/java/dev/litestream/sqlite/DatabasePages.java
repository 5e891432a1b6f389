package dev.litestream.sqlite;

import java.io.IOException;

import dev.litestream.ltx.LtxFormat;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * The pages of the whole database as of one place in the WAL: the database file overlaid
 * by the newest committed frames. Pages without a frame cannot change in the file
 * meanwhile: the caller's read lock was taken before the WAL was scanned, and limits
 * backfill to frames that the scan has seen. Not thread-safe.
 */
public final class DatabasePages {

	private static final int READ_AHEAD = 256 * 1024;

	private final WalReader reader;

	private final WalReader.Scan scan;

	private final DatabaseFile file;

	private final int pageSize;

	private final long count;

	private final byte[] ahead;

	/** First byte of the file that has been read ahead, or -1. */
	private long aheadFrom = -1;

	/**
	 * Prepares for reading.
	 * @param reader the WAL
	 * @param scan all commits in it
	 * @param file the database file
	 * @param count size of the database after these, in pages
	 */
	public DatabasePages(WalReader reader, WalReader.Scan scan, DatabaseFile file, long count) {
		this.reader = reader;
		this.scan = scan;
		this.file = file;
		this.pageSize = reader.header().pageSize();
		this.count = count;
		this.ahead = new byte[(int) Math.min(Math.max(1, count) * this.pageSize, READ_AHEAD)];
	}

	/** Size of the database, in pages. */
	public long count() {
		return this.count;
	}

	public int pageSize() {
		return this.pageSize;
	}

	/** How many pages an LTX file of the whole database holds. */
	public long shippable() {
		return (this.count >= LtxFormat.lockPage(this.pageSize)) ? this.count - 1 : this.count;
	}

	/** Whether the WAL is of the same generation as at a place seen before. */
	public boolean isSameGeneration(WalPosition before) {
		return before.sameGeneration(this.reader.header());
	}

	/** Whether a page is read from the WAL. */
	public boolean isInWal(long pgno) {
		return this.scan.pages().offset(pgno) >= 0;
	}

	/**
	 * Reads a page; ascending numbers are read ahead.
	 * @param pgno the page number
	 * @param page receives the page
	 * @throws IOException if it cannot be read
	 */
	public void read(long pgno, byte[] page) throws IOException {
		long offset = this.scan.pages().offset(pgno);
		if (offset < 0) {
			readUnchanged(pgno, page);
		}
		else if (!this.reader.readPage(offset, pgno, page)) {
			// The WAL restarted: all its frames are in the file.
			this.file.readPage(pgno, this.pageSize, page);
		}
	}

	/**
	 * The header of the database.
	 * @return the header, or {@code null} if the first page has none
	 * @throws IOException if the page cannot be read
	 */
	public @Nullable DatabaseHeader header() throws IOException {
		byte[] first = new byte[this.pageSize];
		read(1, first);
		return DatabaseHeader.of(first);
	}

	private void readUnchanged(long pgno, byte[] page) throws IOException {
		long position = (pgno - 1) * this.pageSize;
		if (this.aheadFrom < 0 || position < this.aheadFrom || position >= this.aheadFrom + this.ahead.length) {
			this.file.read(position, this.ahead, this.ahead.length);
			this.aheadFrom = position;
		}
		System.arraycopy(this.ahead, (int) (position - this.aheadFrom), page, 0, this.pageSize);
	}

}
