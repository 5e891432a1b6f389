package dev.litestream.compaction;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.OtherPageSizeException;
import org.jspecify.annotations.Nullable;

/**
 * One compaction: merges the files of a level that reach beyond the level above into one
 * file of that level. The very first file waits for the second: a copy of it would free
 * nothing, as the newest file of a level always stays, and a database that nobody writes
 * to would be sent once more for each level. Not thread-safe.
 */
final class Compactor {

	private final LevelWriter writer;

	private final ReplicaClient client;

	Compactor(LevelWriter writer, ReplicaClient client) {
		this.writer = writer;
		this.client = client;
	}

	/**
	 * Compacts into a level, 1 to 8. Returns the new file, or {@code null} if the level
	 * below holds nothing new or nothing but the first file. Throws
	 * {@link LevelGapException} if the level below goes on behind a gap that no other
	 * level bridges.
	 */
	@Nullable LtxFileInfo compact(int level, List<LtxListing> listings) throws IOException {
		List<LtxFileInfo> inputs = select(level, listings.get(level).maxTxid(), listings);
		if (inputs.isEmpty() || listings.get(level - 1).maxTxid().equals(Txid.FIRST)) {
			return null;
		}
		try {
			return this.writer.write(level, inputs);
		}
		catch (CorruptLtxException ex) {
			return around(level, inputs, listings, ex);
		}
		catch (OtherPageSizeException ex) {
			return this.writer.write(level, inputs.subList(0, ofOnePageSize(inputs)));
		}
	}

	/**
	 * How many of the first files have the same page size. The next compaction begins
	 * with the file behind them, which holds the whole database.
	 */
	private int ofOnePageSize(List<LtxFileInfo> inputs) throws IOException {
		int first = pageSize(inputs.get(0));
		int count = 1;
		while (count < inputs.size() && pageSize(inputs.get(count)) == first) {
			count++;
		}
		return count;
	}

	private int pageSize(LtxFileInfo file) throws IOException {
		try (LtxReader ltx = new LtxReader(this.client.read(file), file.fileName())) {
			return ltx.header().pageSize();
		}
	}

	/**
	 * Goes on after a file to merge turned out to be corrupt, as at a gap: merges up to
	 * it, and continues the next time behind a snapshot that holds all of it and is read
	 * back. Throws the failure if there is no such snapshot or nothing behind it.
	 */
	private LtxFileInfo around(int level, List<LtxFileInfo> inputs, List<LtxListing> listings,
			CorruptLtxException failure) throws IOException {
		int sound = 0;
		while (sound < inputs.size() && isSound(inputs.get(sound))) {
			sound++;
		}
		if (sound == inputs.size()) {
			throw failure;
		}
		List<LtxFileInfo> snapshots = snapshots(inputs.get(sound).maxTxid(), listings);
		if (sound > 0 && !snapshots.isEmpty()) {
			return this.writer.write(level, inputs.subList(0, sound));
		}
		for (LtxFileInfo snapshot : snapshots) {
			List<LtxFileInfo> behind = select(level, snapshot.maxTxid(), listings);
			if (!behind.isEmpty() && isSound(snapshot)) {
				return this.writer.write(level, behind);
			}
		}
		throw failure;
	}

	private boolean isSound(LtxFileInfo file) throws IOException {
		try {
			PageDigest.read(this.client, file);
			return true;
		}
		catch (CorruptLtxException ex) {
			return false;
		}
	}

	/**
	 * Files that hold everything up to a position; after the nearest one most files are
	 * left to merge.
	 */
	private static List<LtxFileInfo> snapshots(Txid txid, List<LtxListing> listings) {
		return listings.get(ReplicaClient.SNAPSHOT_LEVEL)
			.files()
			.stream()
			.filter((file) -> file.minTxid().equals(Txid.FIRST) && !file.maxTxid().isBefore(txid))
			.toList();
	}

	/**
	 * The files to merge: contiguous, from the first one that goes beyond a position.
	 * Files behind a gap are left to the next compaction, which starts there if other
	 * levels bridge the gap.
	 */
	private List<LtxFileInfo> select(int level, Txid reached, List<LtxListing> listings) throws LevelGapException {
		List<LtxFileInfo> inputs = new ArrayList<>();
		Txid end = reached;
		for (LtxFileInfo file : listings.get(level - 1)) {
			if (!file.maxTxid().isAfter(end)) {
				continue;
			}
			if (inputs.isEmpty()) {
				requireBridged(file, reached, listings, level);
			}
			else if (file.minTxid().isAfter(end.next())) {
				break;
			}
			inputs.add(file);
			end = file.maxTxid();
		}
		return inputs;
	}

	private void requireBridged(LtxFileInfo first, Txid reached, List<LtxListing> listings, int level)
			throws LevelGapException {
		Txid before = first.minTxid().previous();
		if (before.isAfter(reached) && LtxListing.reach(listings, before).isBefore(before)) {
			throw new LevelGapException("Level " + (level - 1) + " of " + this.client.location() + " goes on at TXID "
					+ first.minTxid() + ", level " + level + " ends at " + reached
					+ ", and no other file holds what lies between; nothing is compacted across the gap");
		}
	}

}
