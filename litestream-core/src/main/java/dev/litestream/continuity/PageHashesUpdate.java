package dev.litestream.continuity;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

import dev.litestream.Txid;
import dev.litestream.ltx.Crc64;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.PageSums;
import dev.litestream.sqlite.DatabaseHeader;

/**
 * One update of {@link PageHashes}: applies LTX files in order, then moves the position.
 * Closed without {@link #complete()}, it leaves the old position. Not thread-safe.
 */
final class PageHashesUpdate implements Closeable {

	/** Hashes of neighbouring pages written together. */
	private static final int RUN = 1024;

	private final Crc64 crc = new Crc64();

	private final ByteBuffer run = ByteBuffer.allocate(RUN * Long.BYTES);

	private final PageHashesFile file;

	private final byte[] first;

	private PageHashesHeader header;

	private Txid txid;

	private long pages;

	private long trailer;

	/** Page of the first hash in the run. */
	private long runStart = 1;

	/**
	 * Step 1: begins an update that leads to the position {@code ahead}. {@link #close()}
	 * closes the file.
	 */
	PageHashesUpdate(PageHashesFile file, PageHashesHeader header, Txid ahead) throws IOException {
		this.file = file;
		this.header = header.updating(ahead);
		this.txid = header.txid();
		this.pages = header.pages();
		this.trailer = header.trailer();
		this.first = header.first().clone();
		write(this.header);
	}

	private void write(PageHashesHeader header) throws IOException {
		byte[] bytes = header.encode();
		this.file.write((header.generation() & 1) * PageHashes.SLOT, bytes, bytes.length);
		this.file.force();
	}

	/** The position reached. */
	Txid txid() {
		return this.txid;
	}

	/**
	 * Whether an LTX file leads on from the position reached.
	 */
	boolean isContinuedBy(LtxHeader ltx) {
		return !ltx.minTxid().isAfter(this.txid.next()) && ltx.maxTxid().isAfter(this.txid)
				&& ltx.pageSize() == this.header.pageSize();
	}

	/**
	 * Step 2: takes over the pages of an LTX file that leads on. Fails if the file is not
	 * valid or does not lead on; then only {@link #close()} may be called.
	 */
	void apply(LtxReader ltx) throws IOException {
		LtxHeader applied = ltx.header();
		if (!isContinuedBy(applied)) {
			throw new IOException("The LTX file " + ltx.name() + " does not continue the page hashes at " + this.txid);
		}
		// Hashes behind the end belong to an earlier, larger database.
		this.file.truncate(Math.min(this.file.length(), PageHashes.offset(this.pages + 1)));
		byte[] page = new byte[applied.pageSize()];
		long added = 0;
		for (long pgno = ltx.nextPage(page); pgno != 0; pgno = ltx.nextPage(page)) {
			put(pgno, page, applied.pageSize());
			added += (pgno > this.pages) ? 1 : 0;
		}
		flush();
		// the lock page is in no file; if the hashes begin anew, the size is not known
		if (this.pages > 0 && applied.commit() - this.pages > added + 1) {
			throw new CorruptLtxException(ltx.name(), 12, "the database grows from " + this.pages + " to "
					+ applied.commit() + " pages, of which the file holds " + added);
		}
		this.txid = applied.maxTxid();
		this.pages = applied.commit();
		this.trailer = ltx.fileChecksum();
	}

	/**
	 * Step 2, for a file that was written here: its pages need not be read again.
	 */
	void apply(PageSums sums) throws IOException {
		LtxHeader applied = sums.header();
		if (!isContinuedBy(applied)) {
			throw new IOException("An LTX file from TXID " + applied.minTxid() + " on does not continue the page hashes"
					+ " at " + this.txid);
		}
		this.file.truncate(Math.min(this.file.length(), PageHashes.offset(this.pages + 1)));
		byte[] first = sums.first();
		if (first != null) {
			System.arraycopy(first, 0, this.first, 0, DatabaseHeader.SIZE);
		}
		for (int i = 0; i < sums.count(); i++) {
			put(sums.pgno(i), PageHashes.hash(sums.sum(i)));
		}
		flush();
		this.txid = applied.maxTxid();
		this.pages = applied.commit();
		this.trailer = sums.fileChecksum();
	}

	/**
	 * Takes over one page. Pages come in ascending order.
	 */
	void put(long pgno, byte[] page, int pageSize) throws IOException {
		if (pgno == 1) {
			System.arraycopy(page, 0, this.first, 0, DatabaseHeader.SIZE);
		}
		put(pgno, PageHashes.hash(this.crc, page, pageSize));
	}

	private void put(long pgno, long hash) throws IOException {
		if (!this.run.hasRemaining() || pgno != this.runStart + this.run.position() / Long.BYTES) {
			flush();
			this.runStart = pgno;
		}
		this.run.putLong(hash);
	}

	private void flush() throws IOException {
		if (this.run.position() > 0) {
			this.file.write(PageHashes.offset(this.runStart), this.run.array(), this.run.position());
			this.run.clear();
		}
	}

	/** Step 3: moves the position to the end of the last file applied. */
	void complete() throws IOException {
		flush();
		fill(this.pages);
		this.file.force();
		this.header = this.header.updated(this.txid, this.pages, this.trailer, this.first);
		write(this.header);
	}

	/**
	 * Ends hashes that were added page by page while a database was restored, at the
	 * restored position with a size in pages.
	 */
	void completeRestored(Txid txid, long pages) throws IOException {
		flush();
		fill(pages);
		this.file.force();
		this.header = this.header.updated(txid, pages, 0, this.first).asRestored();
		write(this.header);
	}

	/** Pages at the end that no LTX file held get the hash for "not known". */
	private void fill(long pages) throws IOException {
		if (this.file.length() < PageHashes.offset(pages + 1)) {
			this.file.truncate(PageHashes.offset(pages + 1));
		}
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
