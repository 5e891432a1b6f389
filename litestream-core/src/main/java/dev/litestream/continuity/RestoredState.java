package dev.litestream.continuity;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.Txid;
import dev.litestream.replica.FileAccess;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import org.jspecify.annotations.Nullable;

/**
 * The state that a restore leaves for the first sync: the hashes of the restored pages.
 * <ol>
 * <li>{@link #ready}, before the restored file takes the database's name: the hashes are
 * complete, but aside, and the file's inode is noted;</li>
 * <li>{@link #complete}, after that: the old spool, which belongs to the database that
 * was there before, is cleared, unless the restore went through it, and the hashes are
 * put in place.</li>
 * </ol>
 * After a crash in between, {@link #recover} does the second step if the inode shows that
 * the restored file has taken the name. Not thread-safe.
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
	 * A file that has the owner and mode of the database that was replicated, if there
	 * was one.
	 * @param metaPath the directory of the spool
	 * @return the file, which need not exist
	 */
	public static Path model(Path metaPath) {
		return Provenance.file(metaPath);
	}

	/**
	 * Begins to record a restore.
	 * @param metaPath the directory of the spool, created if needed
	 * @return the state; the caller adds every page and completes it
	 * @throws IOException if the directory cannot be written
	 */
	public static RestoredState begin(Path metaPath) throws IOException {
		FileAccess.createPrivate(metaPath);
		return new RestoredState(metaPath);
	}

	/**
	 * Completes the state of a restore that was killed after the restored file had taken
	 * the database's name, or removes it if the restore was killed before. Records it if
	 * the restored file no longer exists.
	 * @param metaPath the directory of the spool
	 * @param database the database file
	 * @throws IOException if the directory cannot be written
	 */
	public static void recover(Path metaPath, Path database) throws IOException {
		PageHashes hashes = new PageHashes(metaPath);
		Provenance identity = new Provenance(metaPath);
		if (!identity.isRestored(database)) {
			identity.rememberRestoredGone();
		}
		else if (hashes.existAside()) {
			settle(metaPath, hashes);
		}
		hashes.discardAside();
	}

	/**
	 * Records one page; pages come in ascending order. A restore that starts again begins
	 * with page 1.
	 * @param pgno the page number
	 * @param page holds the page at its start
	 * @param pageSize the page's length, in bytes
	 * @throws IOException if it cannot be recorded
	 */
	public void page(long pgno, byte[] page, int pageSize) throws IOException {
		if (this.update == null) {
			this.update = this.hashes.startAside(pageSize);
		}
		this.update.put(pgno, page, pageSize);
	}

	/**
	 * The database is restored and will now be put in its place.
	 * @param image the restored file, which keeps its inode
	 * @param txid the position restored
	 * @param pages size of the database, in pages
	 * @param client the replica that it was restored from
	 * @param throughSpool whether it was restored through the files of the spool too
	 * @throws IOException if the directory cannot be written, or the replica's identity
	 * cannot be determined
	 */
	public void ready(Path image, Txid txid, long pages, ReplicaClient client, boolean throughSpool)
			throws IOException {
		if (this.update != null) {
			this.update.completeRestored(txid, pages);
			this.update.close();
			this.update = null;
		}
		new Provenance(this.metaPath).rememberRestored(image, client.location(), client.identity(), throughSpool);
	}

	/**
	 * The database is in its place.
	 * @throws IOException if the directory cannot be written
	 */
	public void complete() throws IOException {
		settle(this.metaPath, this.hashes);
	}

	private static void settle(Path metaPath, PageHashes hashes) throws IOException {
		Spool spool = new Spool(metaPath);
		spool.open();
		Provenance provenance = new Provenance(metaPath);
		if (!provenance.isRestoredThroughSpool()) {
			spool.clear();
		}
		provenance.settleRestored();
		if (hashes.existAside()) {
			hashes.publish();
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
