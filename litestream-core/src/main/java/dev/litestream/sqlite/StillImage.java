package dev.litestream.sqlite;

import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.wal.PageMap;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * The live database at one position, while the application goes on: the database file
 * overlaid by the newest frames up to the position. It is read without SQLite, through
 * the one descriptor that is never closed (law 10).
 *
 * <p>
 * A separate read lock keeps it unchanged: no frame behind the lock's mark is backfilled,
 * and the mark does not lie behind the position. Only if all frames had been backfilled
 * when the lock was taken can the WAL restart meanwhile; then the database file alone is
 * the image, and stays so until the lock is released.
 *
 * <p>
 * The WAL cannot restart as long as this is open, so it should be closed soon. Used by
 * one thread.
 */
public final class StillImage implements AutoCloseable {

	private static final int PAGES_BETWEEN_INTERRUPT_CHECKS = 256;

	private final Path path;

	private final Path wal;

	private final ReadLock lock;

	private final Txid txid;

	private final WalPosition position;

	private final long pages;

	private final int pageSize;

	public StillImage(Path path, Path wal, ReadLock lock, Txid txid, WalPosition position, long pages, int pageSize) {
		this.path = path;
		this.wal = wal;
		this.lock = lock;
		this.txid = txid;
		this.position = position;
		this.pages = pages;
		this.pageSize = pageSize;
	}

	/**
	 * The position.
	 * @return the TXID whose state this is
	 */
	public Txid txid() {
		return this.txid;
	}

	/**
	 * The size of the database.
	 * @return the number of pages
	 */
	public long pages() {
		return this.pages;
	}

	public int pageSize() {
		return this.pageSize;
	}

	/**
	 * Reads all pages, in ascending order, except the lock page.
	 * @param visitor receives them
	 * @throws InterruptedException if the thread is interrupted
	 * @throws IOException if a page cannot be read or the visitor fails
	 */
	public void read(Visitor visitor) throws IOException, InterruptedException {
		DatabaseFile file = DatabaseFile.at(this.path);
		long lockPage = LtxFormat.lockPage(this.pageSize);
		byte[] page = new byte[this.pageSize];
		try (WalReader reader = WalReader.open(this.wal)) {
			PageMap frames = frames(reader);
			for (long pgno = 1; pgno <= this.pages; pgno++) {
				if (pgno % PAGES_BETWEEN_INTERRUPT_CHECKS == 0 && Thread.interrupted()) {
					throw new InterruptedException();
				}
				if (pgno == lockPage) {
					continue;
				}
				long offset = frames.offset(pgno);
				if (reader == null || offset < 0 || !reader.readPage(offset, pgno, page)) {
					file.readPage(pgno, this.pageSize, page);
				}
				visitor.page(pgno, page);
			}
		}
	}

	/** The frames up to the position; none if they have all been backfilled. */
	private PageMap frames(@Nullable WalReader reader) throws IOException {
		if (reader == null || !this.position.sameGeneration(reader.header())) {
			return new PageMap();
		}
		WalReader.Scan scan = reader.scanTo(reader.header().start(), this.position);
		if (scan.end().equals(this.position)) {
			return scan.pages();
		}
		if (reader.sameHeader()) {
			throw new IOException("The WAL of " + this.path + " has lost frames while its database was read");
		}
		return new PageMap();
	}

	/** Lets the application's WAL restart again. */
	@Override
	public void close() {
		this.lock.close();
	}

	/** Receives pages. */
	@FunctionalInterface
	public interface Visitor {

		/**
		 * One page.
		 * @param pgno the page number
		 * @param page holds the page; valid during the call only
		 * @throws IOException if it cannot be taken
		 */
		void page(long pgno, byte[] page) throws IOException;

	}

}
