package dev.litestream.replication;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, at the start, where a database's history goes on: from the local spool, the
 * WAL and what the replica holds. The next file never gets a TXID that the replica has
 * (law 9), and an increment is only written where continuity is proved (law 5).
 */
final class Recovery {

	private final Sync sync;

	private final Spool spool;

	private final Path metaPath;

	/** Whether the spool holds another file under the name of the replica's newest. */
	private boolean diverged;

	Recovery(Sync sync, Spool spool, Path metaPath) {
		this.sync = sync;
		this.spool = spool;
		this.metaPath = metaPath;
	}

	/**
	 * Continues from the local spool alone while the replica is away.
	 * @return the position continued from, or {@code null} if the replica is needed
	 * @throws IOException if the spool cannot be read
	 */
	@Nullable Txid resumeLocally() throws IOException {
		Candidate local = newest();
		synchronized (this.sync) {
			Continuity continuity = prove(local);
			if (local == null || continuity.position() == null) {
				return null;
			}
			resume(local, continuity);
			return local.name.maxTxid();
		}
	}

	/**
	 * Removes what a power loss left of the spool's newest files, so that the replica's
	 * take their place.
	 * @throws IOException if the spool cannot be read
	 */
	void dropDamaged() throws IOException {
		newest();
	}

	/**
	 * Brings the replica's newest file into the spool if that lacks it: it shows whether
	 * the WAL continues where the replica ends.
	 * @param client the replica
	 * @param listings all levels
	 * @throws IOException if the file cannot be read
	 */
	void fetchNewest(ReplicaClient client, List<LtxListing> listings) throws IOException {
		LtxFileInfo newest = listings.get(0).newest();
		if (newest == null || newest.maxTxid().isBefore(maxTxid(listings))) {
			return;
		}
		for (LtxFileName local : this.spool.list()) {
			if (!local.maxTxid().isBefore(newest.maxTxid())) {
				return;
			}
		}
		Spool.Draft draft = this.spool.draft(newest.minTxid(), newest.maxTxid());
		try (InputStream in = client.read(newest)) {
			in.transferTo(draft);
			this.spool.store(draft.publish(newest.createdAt(), CommitSignals.now()));
		}
		finally {
			draft.discard();
		}
	}

	/**
	 * The replica's newest position, over all levels.
	 * @param listings all levels
	 * @return the position, zero if the replica is empty
	 */
	static Txid maxTxid(List<LtxListing> listings) {
		Txid max = Txid.ZERO;
		for (LtxListing listing : listings) {
			max = Txid.max(max, listing.maxTxid());
		}
		return max;
	}

	/**
	 * Decides with the replica's listings at hand. Called under the sync's monitor.
	 * @param listings all levels
	 * @param offlineBase the position from which syncs went on without the replica, or
	 * {@code null}
	 * @return the spool's files that the replica lacks, oldest first
	 * @throws IOException if the spool or the WAL cannot be read
	 */
	List<SpoolFile> decide(List<LtxListing> listings, @Nullable Txid offlineBase) throws IOException {
		Txid remote = maxTxid(listings);
		Candidate local = newest();
		Txid localMax = (local != null) ? local.name.maxTxid() : Txid.ZERO;
		Txid base = Txid.max(localMax, remote);
		for (LtxListing listing : listings) {
			LtxFileInfo newest = listing.newest();
			if (newest != null) {
				this.sync.startTimestampsAfter(newest.createdAt());
			}
		}
		if (this.diverged && local != null) {
			return resync(base, ResyncReason.DIVERGED, false);
		}
		if (LtxListing.reach(listings, remote).isBefore(remote)) {
			return resync(base, ResyncReason.REPLICA_BEHIND, true);
		}
		if (local != null && local.header.pageSize() != this.sync.pageSize()) {
			return resync(base, ResyncReason.PAGE_SIZE_CHANGED, true);
		}
		List<SpoolFile> pending = pending(remote, localMax);
		if (pending == null) {
			// The replica lacks files that are gone here too: its history goes on with
			// the
			// whole database.
			return resync(remote, remote.isZero() ? ResyncReason.FIRST_SYNC : ResyncReason.REPLICA_BEHIND, false);
		}
		if (offlineBase != null) {
			// Another writer went on while we were offline: ours is not its continuation.
			return offlineBase.isBefore(remote) ? resync(base, ResyncReason.REPLICA_AHEAD, false) : pending;
		}
		Continuity continuity = prove(local);
		if (local != null && continuity.position() != null && localMax.equals(base)) {
			resume(local, continuity);
			PageDigests.remove(this.metaPath);
			return pending;
		}
		this.sync.resync(base, reason(base, remote, localMax, continuity), false);
		return pending;
	}

	private ResyncReason reason(Txid base, Txid remote, Txid localMax, Continuity continuity) throws IOException {
		if (base.isZero()) {
			return ResyncReason.FIRST_SYNC;
		}
		try (PageDigests.Reader restored = PageDigests.Reader.open(this.metaPath)) {
			if (restored != null && restored.txid().equals(base)) {
				return ResyncReason.RESTORED;
			}
		}
		if (localMax.isZero()) {
			return ResyncReason.LOCAL_STATE_LOST;
		}
		if (localMax.isBefore(remote)) {
			return ResyncReason.REPLICA_AHEAD;
		}
		return (continuity.reason() != null) ? continuity.reason() : ResyncReason.LOCAL_STATE_LOST;
	}

	private List<SpoolFile> resync(Txid base, ResyncReason reason, boolean snapshot) throws IOException {
		this.spool.clear();
		this.sync.resync(base, reason, snapshot);
		return List.of();
	}

	private void resume(Candidate local, Continuity continuity) {
		this.sync.startTimestampsAfter(local.header.createdAt());
		this.sync.resume(local.name.maxTxid(), continuity.position(), local.header.commit());
	}

	/**
	 * Compares the replica's newest file with the spool's file of that name, if it is
	 * still there, by size and by the checksum at the end. Two writers' files of one name
	 * may well be equally long.
	 * @param client the replica
	 * @param listings all levels
	 * @throws IOException if the file cannot be read
	 */
	void compareNewest(ReplicaClient client, List<LtxListing> listings) throws IOException {
		LtxFileInfo newest = listings.get(0).newest();
		if (newest == null) {
			return;
		}
		Path path = this.spool.path(new LtxFileName(newest.minTxid(), newest.maxTxid()));
		if (!Files.exists(path)) {
			return;
		}
		long trailer = newest.size() - LtxFormat.TRAILER_SIZE;
		if (Files.size(path) != newest.size() || trailer < 0) {
			this.diverged = true;
			return;
		}
		try (InputStream remote = client.read(newest, trailer, LtxFormat.TRAILER_SIZE);
				InputStream local = Files.newInputStream(path)) {
			local.skipNBytes(trailer);
			this.diverged = !Arrays.equals(remote.readAllBytes(), local.readAllBytes());
		}
	}

	private @Nullable List<SpoolFile> pending(Txid remote, Txid localMax) throws IOException {
		List<SpoolFile> pending = new ArrayList<>();
		Txid expected = remote.next();
		for (LtxFileName name : this.spool.list()) {
			if (name.maxTxid().isAfter(remote)) {
				if (!name.minTxid().equals(expected)) {
					return null;
				}
				try {
					pending.add(this.spool.describe(name, verify(name).createdAt()));
				}
				catch (CorruptLtxException ex) {
					// Not forced to disk before a power loss; nothing behind it is of
					// use.
					return null;
				}
				expected = name.maxTxid().next();
			}
		}
		return pending;
	}

	private @Nullable Candidate newest() throws IOException {
		List<LtxFileName> names = this.spool.list();
		for (int i = names.size() - 1; i >= 0; i--) {
			LtxFileName name = names.get(i);
			try {
				return new Candidate(name, verify(name));
			}
			catch (CorruptLtxException ex) {
				// Left by a power loss, before it was forced to disk: as if it had never
				// been.
				Files.delete(this.spool.path(name));
			}
		}
		return null;
	}

	private LtxHeader verify(LtxFileName name) throws IOException {
		return LtxReader.verify(this.spool.read(name), name.toString());
	}

	private LtxReader open(LtxFileName name) throws IOException {
		return new LtxReader(this.spool.read(name), name.toString());
	}

	private Continuity prove(@Nullable Candidate local) throws IOException {
		if (local == null) {
			return Continuity.lost(ResyncReason.LOCAL_STATE_LOST);
		}
		try (WalReader wal = WalReader.open(this.sync.wal()); LtxReader ltx = open(local.name)) {
			return Continuity.prove(wal, ltx);
		}
	}

	/** The newest readable file of the spool. */
	private record Candidate(LtxFileName name, LtxHeader header) {

	}

}
