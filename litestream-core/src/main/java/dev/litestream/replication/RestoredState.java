package dev.litestream.replication;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.litestream.Txid;
import org.jspecify.annotations.Nullable;

/**
 * What a restore leaves for the first sync after it: the hashes of the pages restored.
 * The old spool belongs to the database that was there before and is cleared. Not safe
 * for several threads.
 */
public final class RestoredState implements Closeable {

	private final Path metaPath;

	private final PageHashes hashes;

	private @Nullable PageHashesUpdate update;

	private RestoredState(Path metaPath) {
		this.metaPath = metaPath;
		this.hashes = new PageHashes(metaPath);
	}

	/**
	 * Begins to note what is restored.
	 * @param metaPath the directory of the spool, created if needed
	 * @return the state, to be fed with every page and completed
	 * @throws IOException if the directory cannot be written
	 */
	public static RestoredState begin(Path metaPath) throws IOException {
		Files.createDirectories(metaPath);
		return new RestoredState(metaPath);
	}

	/**
	 * Removes what is left of a state whose restore was killed.
	 * @param metaPath the directory of the spool
	 * @throws IOException if it cannot be removed
	 */
	public static void removeLeftovers(Path metaPath) throws IOException {
		new PageHashes(metaPath).discardAside();
	}

	/**
	 * Notes one page; pages come in ascending order. A restore that begins anew begins
	 * with page 1.
	 * @param pgno the page number
	 * @param page holds the page at its start
	 * @param pageSize the page's length, in bytes
	 * @throws IOException if it cannot be noted
	 */
	public void page(long pgno, byte[] page, int pageSize) throws IOException {
		if (this.update == null) {
			this.update = this.hashes.startAside(pageSize);
		}
		this.update.put(pgno, page, pageSize);
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
		new Identity(this.metaPath).forgetDatabase();
		if (this.update != null) {
			this.update.completeRestored(txid, pages);
			this.update.close();
			this.hashes.publish();
		}
	}

	/** Forgets an incomplete state. */
	@Override
	public void close() throws IOException {
		if (this.update != null) {
			this.update.close();
		}
		this.hashes.discardAside();
	}

}
