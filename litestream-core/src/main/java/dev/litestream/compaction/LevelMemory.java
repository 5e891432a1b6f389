package dev.litestream.compaction;

import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

import dev.litestream.LevelOptions;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a replica without asking it: how far each level reaches, and which
 * files will be deleted next. It tells whether a listing is worth while; the listing
 * alone then decides what is done. Thread-safe.
 */
final class LevelMemory {

	private final LevelOptions options;

	private final Clock clock;

	private final LongSupplier nanos;

	private final Txid[] newest = new Txid[ReplicaClient.LEVELS];

	/** How far the replica reached when it was last listed and all of it was ours. */
	private Txid vouched = Txid.ZERO;

	/** Positions beyond that of which this process has begun to send a snapshot. */
	private final Set<Txid> snapshots = new HashSet<>();

	private Instant newestAt = Instant.EPOCH;

	/** The oldest raw file. */
	private @Nullable LtxFileInfo nextRaw;

	/** The snapshot that allows the one before it to be deleted, once it is old. */
	private @Nullable LtxFileInfo nextSnapshot;

	private PositionAge rawAge;

	private PositionAge pointAge;

	private boolean known;

	LevelMemory(LevelOptions options, Clock clock, LongSupplier nanos) {
		this.options = options;
		this.clock = clock;
		this.nanos = nanos;
		this.rawAge = new PositionAge(options.l0Retention(), clock, nanos);
		this.pointAge = new PositionAge(options.snapshotRetention(), clock, nanos);
		Arrays.fill(this.newest, Txid.ZERO);
	}

	/** The replica was listed completely. Returns whether it is the first time. */
	synchronized boolean listed(List<LtxListing> listings) {
		Txid before = newest();
		LtxFileInfo last = null;
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			LtxFileInfo file = listings.get(level).newest();
			this.newest[level] = (file != null) ? file.maxTxid() : Txid.ZERO;
			if (file != null && (last == null || file.maxTxid().isAfter(last.maxTxid()))) {
				last = file;
			}
		}
		this.vouched = newest();
		forgetSnapshots();
		this.newestAt = (last != null) ? last.createdAt() : this.clock.instant();
		if (newest().isBefore(before)) {
			// Another history: the remembered positions say nothing about it.
			this.rawAge = new PositionAge(this.options.l0Retention(), this.clock, this.nanos);
			this.pointAge = new PositionAge(this.options.snapshotRetention(), this.clock, this.nanos);
		}
		this.nextRaw = Retention.nextRaw(listings);
		this.nextSnapshot = Retention.nextSnapshot(listings);
		boolean first = !this.known;
		this.known = true;
		observe();
		return first;
	}

	/**
	 * A snapshot of a position will be sent: it is ours, whatever the replica answers.
	 */
	synchronized void sendingSnapshot(Txid txid) {
		this.snapshots.add(txid);
	}

	/**
	 * A file of another writer, or {@code null}: one that goes beyond what the replica
	 * held before and that nobody here has sent. Compactions never do that, uploads send
	 * single positions and snapshots. If there is none, all of it is ours from now on.
	 * {@code written} is the newest position of the database's own history, read after
	 * the listing.
	 */
	synchronized @Nullable LtxFileInfo stranger(List<LtxListing> listings, Txid written) {
		for (LtxListing listing : listings) {
			for (LtxFileInfo file : listing) {
				if (file.maxTxid().isAfter(this.vouched) && !isSentFromHere(file, written)) {
					return file;
				}
			}
		}
		this.vouched = Txid.max(this.vouched, LtxListing.maxTxid(listings));
		forgetSnapshots();
		return null;
	}

	private boolean isSentFromHere(LtxFileInfo file, Txid written) {
		if (file.level() == ReplicaClient.SNAPSHOT_LEVEL) {
			return file.minTxid().equals(Txid.FIRST) && this.snapshots.contains(file.maxTxid());
		}
		return file.level() == 0 && file.minTxid().equals(file.maxTxid()) && !file.maxTxid().isAfter(written);
	}

	private void forgetSnapshots() {
		this.snapshots.removeIf((txid) -> !txid.isAfter(this.vouched));
	}

	/**
	 * A round has ended and left these levels; files may have been uploaded since it
	 * listed.
	 */
	synchronized void worked(List<LtxListing> listings) {
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			this.newest[level] = Txid.max(this.newest[level], listings.get(level).maxTxid());
		}
		LtxFileInfo raw = Retention.nextRaw(listings);
		LtxFileInfo snapshot = Retention.nextSnapshot(listings);
		this.nextRaw = (raw != null) ? raw : this.nextRaw;
		this.nextSnapshot = (snapshot != null) ? snapshot : this.nextSnapshot;
	}

	/** A file of the database's own history was uploaded. */
	synchronized void uploaded(LtxFileInfo file) {
		this.newest[file.level()] = Txid.max(this.newest[file.level()], file.maxTxid());
		this.newestAt = file.createdAt();
		if (file.level() == 0 && this.nextRaw == null) {
			this.nextRaw = file;
		}
		else if (file.level() == ReplicaClient.SNAPSHOT_LEVEL && this.nextSnapshot == null) {
			this.nextSnapshot = file;
		}
	}

	/** Notes the time; to be called often. */
	synchronized void observe() {
		if (this.known) {
			this.rawAge.observe(newest(), this.newestAt);
			this.pointAge.observe(newest(), this.newestAt);
		}
	}

	synchronized boolean isKnown() {
		return this.known;
	}

	/**
	 * Whether the level below, or for snapshots any level, reaches further; but a level
	 * that holds nothing but the first file has nothing to merge it with.
	 */
	synchronized boolean hasNewBelow(int level) {
		if (level == ReplicaClient.SNAPSHOT_LEVEL) {
			return newest().isAfter(this.newest[level]);
		}
		Txid below = this.newest[level - 1];
		return below.isAfter(this.newest[level]) && !below.equals(Txid.FIRST);
	}

	/** Whether it seems that a file can be deleted. */
	synchronized boolean hasOld() {
		LtxFileInfo raw = this.nextRaw;
		LtxFileInfo snapshot = this.nextSnapshot;
		return (raw != null && raw.maxTxid().isBefore(this.newest[0]) && !raw.maxTxid().isAfter(this.newest[1])
				&& isRawOld(raw.maxTxid(), raw.createdAt()))
				|| (snapshot != null && isPointOld(snapshot.maxTxid(), snapshot.createdAt()));
	}

	/** Whether a raw file of this position is older than {@code l0-retention}. */
	synchronized boolean isRawOld(Txid txid, Instant timestamp) {
		return !this.options.l0Retention().isZero() && this.rawAge.isOld(txid, timestamp);
	}

	/** Whether a point in time is older than {@code snapshot.retention}. */
	synchronized boolean isPointOld(Txid txid, Instant timestamp) {
		return this.pointAge.isOld(txid, timestamp);
	}

	private Txid newest() {
		Txid max = Txid.ZERO;
		for (Txid txid : this.newest) {
			max = Txid.max(max, txid);
		}
		return max;
	}

}
