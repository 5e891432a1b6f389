package dev.litestream.compaction;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import org.jspecify.annotations.Nullable;

/**
 * One compaction: the files of a level that reach beyond the level above, as one file of
 * that. The first file of all waits for the second: a copy of it would make room for
 * nothing, as the newest file of a level always stays, and a database that nobody writes
 * to would be sent once more for each level. Not safe for several threads.
 */
final class Compactor {

	private final LevelWriter writer;

	private final String location;

	Compactor(LevelWriter writer, String location) {
		this.writer = writer;
		this.location = location;
	}

	/**
	 * Compacts into a level.
	 * @param level 1 to 8
	 * @param listings all levels
	 * @return the new file, or {@code null} if the level below holds nothing new, or
	 * nothing but the first file
	 * @throws LevelGapException if the level below goes on behind a gap that no other
	 * level bridges
	 * @throws IOException if it fails
	 */
	@Nullable LtxFileInfo compact(int level, List<LtxListing> listings) throws IOException {
		List<LtxFileInfo> inputs = select(level, listings);
		if (inputs.isEmpty() || listings.get(level - 1).maxTxid().equals(Txid.FIRST)) {
			return null;
		}
		return this.writer.write(level, inputs);
	}

	/**
	 * The files to merge: contiguous, from the first one that goes beyond the level. What
	 * lies behind a gap is left to the next compaction, which starts there if other
	 * levels bridge the gap.
	 */
	private List<LtxFileInfo> select(int level, List<LtxListing> listings) throws LevelGapException {
		Txid reached = listings.get(level).maxTxid();
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
			throw new LevelGapException("Level " + (level - 1) + " of " + this.location + " goes on at TXID "
					+ first.minTxid() + ", level " + level + " ends at " + reached
					+ ", and no other file holds what lies between; nothing is compacted across the gap");
		}
	}

}
