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
 * Watches whether a replica still is what it was left as: it may be emptied, recreated or
 * restored from an older state without anything having failed. An idle database asks
 * nothing. Used by the upload task, and told from anywhere that a closer look is due.
 */
final class ReplicaWatch {

	/** How often an active replica is asked whether it still holds what was written. */
	private static final long CHECK_INTERVAL = TimeUnit.SECONDS.toNanos(5);

	private final ReplicaClient client;

	private final Provenance provenance;

	/** Whether the replica has to be compared with the spool once more. */
	private volatile boolean suspect;

	/** What the client has counted when the replica was last looked at. */
	private volatile long disturbances;

	/** The newest raw file that the replica is known to hold. */
	private volatile @Nullable LtxFileInfo newest;

	/** What was the newest when it was last asked whether the replica still holds it. */
	private volatile @Nullable LtxFileInfo witness;

	/** When it was last asked whether the replica still holds what was written. */
	private volatile long checked = System.nanoTime();

	ReplicaWatch(ReplicaClient client, Provenance provenance) {
		this.client = client;
		this.provenance = provenance;
	}

	void suspect(boolean suspect) {
		this.suspect = suspect;
	}

	/**
	 * Whether the replica has to be compared with the spool: something failed, or
	 * happened to the storage, and it is not as we left it.
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

	/** Whether something has happened to the storage since it was last looked at. */
	boolean isDisturbed() {
		return this.client.disturbances() != this.disturbances;
	}

	/**
	 * The replica is about to be listed.
	 * @return what the client has counted, for {@link #compared}
	 */
	long looking() {
		return this.client.disturbances();
	}

	/** The replica was compared with the spool, as it was just listed. */
	void compared(List<LtxListing> listings, long disturbances) throws IOException {
		this.newest = listings.get(0).newest();
		this.witness = this.newest;
		this.provenance.rememberReplica(this.client.location(), this.client.identity());
		this.disturbances = disturbances;
		this.suspect = false;
	}

	/** The replica has taken a file. */
	void uploaded(LtxFileInfo file) {
		this.newest = file;
		this.witness = (this.witness != null) ? this.witness : file;
	}

	/**
	 * After an upload, now and then asks whether the replica still holds what was written
	 * before. Not a file of since then: it may have been written after the emptying.
	 * @return whether it is due for a comparison
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
	 * Whether the replica was recreated or lacks a file. Not for certain: a file may also
	 * have been compacted since.
	 */
	private boolean isAnother(@Nullable LtxFileInfo file) throws IOException {
		return !this.client.identity().equals(this.provenance.storage()) || (file != null && !this.client.exists(file));
	}

}
