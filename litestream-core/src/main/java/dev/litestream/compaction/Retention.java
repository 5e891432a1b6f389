package dev.litestream.compaction;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;

import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.RestorePlanner;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a replica are no longer needed. The rules, each a reason to keep:
 * <ol>
 * <li>The newest file of each level stays.</li>
 * <li>A raw file stays until it is old and a file of level 1 holds all of it. Raw files
 * that level 1 has passed by, because one was corrupt, stay until their points are old
 * and a snapshot holds all of them.</li>
 * <li>Snapshots that are not old stay, and so does the newest old one: every point within
 * the retention time can be restored from it. (Litestream keeps one less, and so loses
 * the points between it and the next.)</li>
 * <li>In levels 1 to 8, files that reach at least the snapshot <em>before</em> the oldest
 * kept one stay: a restore under way keeps the files of its plan.</li>
 * <li>Files that replace deleted ones have been read back to their verified end by this
 * process (law 7).</li>
 * <li>The newest position can be restored from the remaining files.</li>
 * </ol>
 * A file counts as no younger than the files after it: one with a timestamp in the future
 * does not keep all others. Not thread-safe.
 */
final class Retention {

	private final ReplicaClient client;

	/** Whether a position with a timestamp is older than the retention of raw files. */
	private final BiPredicate<Txid, Instant> rawIsOld;

	/** Whether a position with a timestamp is older than the retention of snapshots. */
	private final BiPredicate<Txid, Instant> pointIsOld;

	private final Set<LtxFileInfo> verified = new HashSet<>();

	private long eligible;

	private long notCompacted;

	private long tooRecent;

	Retention(ReplicaClient client, BiPredicate<Txid, Instant> rawIsOld, BiPredicate<Txid, Instant> pointIsOld) {
		this.client = client;
		this.rawIsOld = rawIsOld;
		this.pointIsOld = pointIsOld;
	}

	/** A file was read back to its verified end. */
	void verified(LtxFileInfo file) {
		this.verified.add(file);
	}

	/**
	 * The raw files to delete, chosen from the complete listing after the files that hold
	 * their content were read back. If one of those cannot be read, there is an exception
	 * and nothing may be deleted.
	 */
	List<LtxFileInfo> raw(List<LtxListing> listings) throws IOException {
		this.verified.removeIf((file) -> !listings.get(file.level()).files().contains(file));
		List<LtxFileInfo> files = byPosition(listings.get(0));
		Instant[] times = times(files);
		List<LtxFileInfo> chosen = new ArrayList<>();
		this.notCompacted = 0;
		int i = 0;
		for (; i < files.size() - 1; i++) {
			LtxFileInfo file = files.get(i);
			if (!this.rawIsOld.test(file.maxTxid(), times[i])) {
				break;
			}
			LtxFileInfo cover = cover(file, listings.get(1));
			if (cover == null && isPassed(file, listings)) {
				if (!this.pointIsOld.test(file.maxTxid(), times[i])) {
					this.notCompacted++;
					continue;
				}
				cover = cover(file, listings.get(ReplicaClient.SNAPSHOT_LEVEL));
			}
			if (cover == null) {
				this.notCompacted += files.size() - 1 - i;
				break;
			}
			requireVerified(cover);
			chosen.add(file);
		}
		this.eligible = chosen.size();
		this.tooRecent = files.size() - this.eligible - this.notCompacted;
		return requireRestorable(listings, chosen);
	}

	/**
	 * The snapshots and compacted files to delete, chosen from the complete listing after
	 * the oldest kept snapshot was read back. Lower levels come first; snapshots go last,
	 * because they decide which other files may go. If the snapshot cannot be read, there
	 * is an exception and nothing may be deleted.
	 */
	List<LtxFileInfo> snapshotsAndLevels(List<LtxListing> listings) throws IOException {
		List<LtxFileInfo> snapshots = snapshots(listings);
		int kept = oldestKept(snapshots);
		if (kept == 0) {
			return List.of();
		}
		requireVerified(snapshots.get(kept));
		Txid floor = snapshots.get(kept - 1).maxTxid();
		List<LtxFileInfo> chosen = new ArrayList<>();
		for (int level = 1; level < ReplicaClient.SNAPSHOT_LEVEL; level++) {
			List<LtxFileInfo> files = byPosition(listings.get(level));
			for (LtxFileInfo file : files.subList(0, Math.max(0, files.size() - 1))) {
				if (file.maxTxid().isBefore(floor)) {
					chosen.add(file);
				}
			}
		}
		chosen.addAll(snapshots.subList(0, kept));
		return requireRestorable(listings, chosen);
	}

	/** Index of the newest old snapshot; 0 if none can go. */
	private int oldestKept(List<LtxFileInfo> snapshots) {
		Instant[] times = times(snapshots);
		int kept = 0;
		for (int i = 0; i < snapshots.size(); i++) {
			if (this.pointIsOld.test(snapshots.get(i).maxTxid(), times[i])) {
				kept = i;
			}
		}
		return kept;
	}

	/**
	 * The next raw file to be deleted, as far as is known without another listing: the
	 * oldest one, or {@code null} if there is none.
	 */
	static @Nullable LtxFileInfo nextRaw(List<LtxListing> listings) {
		List<LtxFileInfo> files = byPosition(listings.get(0));
		return files.isEmpty() ? null : files.get(0);
	}

	/**
	 * The snapshot that allows the one before it to be deleted, once it is old: the
	 * second oldest one, or {@code null} if there are not two.
	 */
	static @Nullable LtxFileInfo nextSnapshot(List<LtxListing> listings) {
		List<LtxFileInfo> files = snapshots(listings);
		return (files.size() < 2) ? null : files.get(1);
	}

	long eligible() {
		return this.eligible;
	}

	long notCompacted() {
		return this.notCompacted;
	}

	long tooRecent() {
		return this.tooRecent;
	}

	private static List<LtxFileInfo> byPosition(LtxListing listing) {
		return listing.files()
			.stream()
			.sorted(Comparator.comparing(LtxFileInfo::maxTxid).thenComparing(LtxFileInfo::minTxid))
			.toList();
	}

	/** Only files that hold the whole database count. */
	private static List<LtxFileInfo> snapshots(List<LtxListing> listings) {
		return byPosition(listings.get(ReplicaClient.SNAPSHOT_LEVEL)).stream()
			.filter((file) -> file.minTxid().equals(Txid.FIRST))
			.toList();
	}

	/** Each file's timestamp, or an earlier one of a file after it. */
	private static Instant[] times(List<LtxFileInfo> files) {
		Instant[] times = new Instant[files.size()];
		Instant earliest = Instant.MAX;
		for (int i = files.size() - 1; i >= 0; i--) {
			Instant created = files.get(i).createdAt();
			earliest = created.isBefore(earliest) ? created : earliest;
			times[i] = earliest;
		}
		return times;
	}

	/** The newest snapshot that holds all of a file: it stays the longest. */
	private @Nullable LtxFileInfo cover(LtxFileInfo file, LtxListing above) {
		LtxFileInfo cover = null;
		for (LtxFileInfo candidate : above) {
			if (!candidate.minTxid().isAfter(file.minTxid()) && !candidate.maxTxid().isBefore(file.maxTxid())) {
				cover = candidate;
			}
		}
		return cover;
	}

	/** Whether level 1 has gone on behind a snapshot that holds the file. */
	private boolean isPassed(LtxFileInfo file, List<LtxListing> listings) {
		return cover(file, listings.get(ReplicaClient.SNAPSHOT_LEVEL)) != null
				&& listings.get(1).files().stream().anyMatch((above) -> above.minTxid().isAfter(file.maxTxid()));
	}

	private void requireVerified(LtxFileInfo file) throws IOException {
		if (!this.verified.contains(file)) {
			PageDigest.read(this.client, file);
			this.verified.add(file);
		}
	}

	/**
	 * A last check, whatever the rules have chosen: the newest position must never be
	 * lost.
	 */
	private List<LtxFileInfo> requireRestorable(List<LtxListing> listings, List<LtxFileInfo> chosen)
			throws IOException {
		if (chosen.isEmpty()) {
			return chosen;
		}
		Set<LtxFileInfo> gone = new HashSet<>(chosen);
		List<LtxListing> left = new ArrayList<>();
		for (LtxListing listing : listings) {
			left.add(new LtxListing(listing.files().stream().filter((file) -> !gone.contains(file)).toList()));
		}
		Txid newest = plan(listings);
		if (!plan(left).equals(newest)) {
			throw new IOException("Deleting " + chosen.size() + " files of " + this.client.location()
					+ " would lose TXID " + newest + "; nothing was deleted");
		}
		return chosen;
	}

	private Txid plan(List<LtxListing> listings) throws IOException {
		return new RestorePlanner(this.client.location(), listings, List.of()).plan(RestoreTarget.LATEST).txid();
	}

}
