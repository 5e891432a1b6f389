package dev.litestream.compaction;

import java.io.IOException;
import java.util.List;

import dev.litestream.RestoreTarget;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.BackupGapException;
import dev.litestream.restore.RestorePlan;
import dev.litestream.restore.RestorePlanner;
import org.jspecify.annotations.Nullable;

/**
 * Writes the whole database as one file, level 9, from TXID 1 to the newest position. It
 * is merged from the replica's own files, by the plan that a restore would follow, and
 * not read from the running database:
 * <ul>
 * <li>it needs no lock on the database: no checkpoint waits for the replica and the WAL
 * does not grow meanwhile (Litestream holds checkpoints back until its snapshot is
 * uploaded);</li>
 * <li>by construction its content is that of its position, whatever the application
 * commits meanwhile;</li>
 * <li>it carries the timestamp of that position: a restore to an instant can use it
 * exactly;</li>
 * <li>it reads every file of the newest chain to its verified end: a chain that cannot be
 * restored is found now, not when it is needed.</li>
 * </ul>
 * The price is that the last snapshot travels from the replica and back. Not thread-safe.
 */
final class Snapshotter {

	private final LevelWriter writer;

	private final String location;

	Snapshotter(LevelWriter writer, String location) {
		this.writer = writer;
		this.location = location;
	}

	/**
	 * Writes a snapshot. Returns {@code null} if there already is one of the newest
	 * position. Throws {@link LevelGapException} if files are missing on the way.
	 */
	@Nullable LtxFileInfo snapshot(List<LtxListing> listings) throws IOException {
		RestorePlan plan = plan(listings);
		if (!plan.txid().isAfter(listings.get(ReplicaClient.SNAPSHOT_LEVEL).maxTxid())) {
			return null;
		}
		return this.writer.write(ReplicaClient.SNAPSHOT_LEVEL, plan.files());
	}

	private RestorePlan plan(List<LtxListing> listings) throws IOException {
		try {
			return new RestorePlanner(this.location, listings, List.of()).plan(RestoreTarget.LATEST);
		}
		catch (BackupGapException ex) {
			throw new LevelGapException(ex.getMessage(), ex);
		}
	}

}
