package dev.litestream.replication;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.Txid;

/**
 * What a restore leaves for the first sync after it: the digests of the pages restored.
 * The old spool belongs to the database that was there before and is cleared. Not safe
 * for several threads.
 */
public final class RestoredState implements Closeable {

	private final Path metaPath;

	private final PageDigests.Writer digests;

	private RestoredState(Path metaPath) throws IOException {
		this.metaPath = metaPath;
		this.digests = new PageDigests.Writer(metaPath);
	}

	/**
	 * Begins to note what is restored.
	 * @param metaPath the directory of the spool, created if needed
	 * @return the state, to be fed with every page and completed
	 * @throws IOException if the directory cannot be written
	 */
	public static RestoredState begin(Path metaPath) throws IOException {
		return new RestoredState(metaPath);
	}

	/**
	 * Removes what is left of a state whose restore was killed.
	 * @param metaPath the directory of the spool
	 * @throws IOException if it cannot be removed
	 */
	public static void removeLeftovers(Path metaPath) throws IOException {
		PageDigests.removeLeftovers(metaPath);
	}

	/**
	 * Notes one page; pages come in ascending order.
	 * @param pgno the page number
	 * @param page holds the page at its start
	 * @param pageSize the page's length, in bytes
	 * @throws IOException if it cannot be noted
	 */
	public void page(long pgno, byte[] page, int pageSize) throws IOException {
		this.digests.page(pgno, page, pageSize);
	}

	/**
	 * The database is restored and in its place.
	 * @param txid the position restored
	 * @param pageSize page size, in bytes
	 * @param pages size of the database, in pages
	 * @throws IOException if the directory cannot be written
	 */
	public void complete(Txid txid, int pageSize, long pages) throws IOException {
		Spool spool = new Spool(this.metaPath);
		spool.open();
		spool.clear();
		this.digests.publish(txid, pageSize, pages);
	}

	/** Forgets an incomplete state. */
	@Override
	public void close() throws IOException {
		this.digests.close();
	}

}
