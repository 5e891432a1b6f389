package dev.litestream.replication;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Provenance;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether a replica is still as we left it: it may be emptied, recreated or
 * restored from an older state without a failure. For an idle database the client looks.
 * Used by the upload task; anybody may ask for a closer look.
 */
final class ReplicaWatch {

	/** How often an active replica is asked whether it still holds the files written. */
	private static final long CHECK_INTERVAL = TimeUnit.SECONDS.toNanos(5);

	private final ReplicaClient client;

	private final Provenance provenance;

	/** Whether the replica has to be compared with the spool again. */
	private volatile boolean suspect;

	/** The client's count of changes when the replica was last checked. */
	private volatile long disturbances;

	/** The newest raw file that the replica is known to hold. */
	private volatile @Nullable LtxFileInfo newest;

	/** The newest file when the replica was last asked whether it still holds it. */
	private volatile @Nullable LtxFileInfo witness;

	/** When the replica was last asked whether it still holds the files written. */
	private volatile long checked = System.nanoTime();

	ReplicaWatch(ReplicaClient client, Provenance provenance) {
		this.client = client;
		this.provenance = provenance;
	}

	void suspect(boolean suspect) {
		this.suspect = suspect;
	}

	/**
	 * Whether the replica has to be compared with the spool: something failed or happened
	 * to the storage, and the replica is not as we left it.
	 */
	boolean isSuspect() throws IOException {
		if (this.suspect) {
			return true;
		}
		long disturbances = this.client.disturbances();
		if (disturbances == this.disturbances) {
			return false;
		}
		boolean another = isAnother(this.newest);
		this.disturbances = disturbances;
		return another;
	}

	/** Whether something has happened to the storage since it was last checked. */
	boolean isDisturbed() {
		return this.client.disturbances() != this.disturbances;
	}

	/**
	 * The replica will be listed next. Returns the client's count of changes, for
	 * {@link #compared}.
	 */
	long looking() {
		return this.client.disturbances();
	}

	/** The replica, as just listed, was compared with the spool. */
	void compared(List<LtxListing> listings, long disturbances) throws IOException {
		this.newest = listings.get(0).newest();
		this.witness = this.newest;
		this.provenance.rememberReplica(this.client.location(), this.client.identity());
		this.disturbances = disturbances;
		this.suspect = false;
	}

	/** The replica has accepted a file. */
	void uploaded(LtxFileInfo file) {
		this.newest = file;
		this.witness = (this.witness != null) ? this.witness : file;
	}

	/**
	 * After an upload, asks the replica now and then whether it still holds an earlier
	 * file; a later one may have been written after the replica was emptied. Returns
	 * whether a comparison is due.
	 */
	boolean findsAnother() throws IOException {
		long now = System.nanoTime();
		if (now - this.checked <= CHECK_INTERVAL) {
			return false;
		}
		this.checked = now;
		LtxFileInfo before = this.witness;
		this.witness = this.newest;
		if (isAnother(before)) {
			this.suspect = true;
		}
		return this.suspect;
	}

	/**
	 * Whether the replica was recreated or lacks a file. This is not certain: the file
	 * may have been compacted since.
	 */
	private boolean isAnother(@Nullable LtxFileInfo file) throws IOException {
		return !this.client.identity().equals(this.provenance.storage()) || (file != null && !this.client.exists(file));
	}

}
