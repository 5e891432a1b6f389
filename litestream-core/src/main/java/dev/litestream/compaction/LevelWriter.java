package dev.litestream.compaction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.StagedMerge;
import org.jspecify.annotations.Nullable;

/**
 * Merges files of a replica into one file of a level. The file carries the timestamp of
 * its last input, appears whole or not at all, and is read back and compared with what
 * was merged before anybody relies on it (laws 7 and 8). Not thread-safe.
 */
final class LevelWriter {

	private static final String STAGING = ".merge-";

	private final ReplicaClient client;

	private final Path directory;

	private final BooleanSupplier stopped;

	/**
	 * Prepares for a replica. Inputs that are too large for memory are staged in the
	 * directory. The work ends with an exception once {@code stopped} is true.
	 */
	LevelWriter(ReplicaClient client, Path directory, BooleanSupplier stopped) {
		this.client = client;
		this.directory = directory;
		this.stopped = stopped;
	}

	/**
	 * Merges contiguous files into a level and returns the file, read back and verified.
	 * If the level already holds a file of that range, as after a crash or beside another
	 * program, that one is compared instead. Throws {@link UnverifiedLtxException} if the
	 * file read back is not what was merged.
	 */
	LtxFileInfo write(int level, List<LtxFileInfo> oldestFirst) throws IOException {
		try (StagedMerge merge = StagedMerge.open(this.client, this.directory, STAGING, oldestFirst);
				MergedLtx content = new MergedLtx(merge, this.stopped)) {
			LtxHeader header = merge.header();
			LtxFileInfo file;
			boolean ours = true;
			try {
				file = this.client.write(level, header.minTxid(), header.maxTxid(), header.createdAt(), content);
			}
			catch (LtxConflictException ex) {
				// Another compressor may have written the same pages with other bytes.
				file = find(level, header, ex);
				ours = false;
			}
			verify(file, content.drain(), ours);
			return file;
		}
	}

	private LtxFileInfo find(int level, LtxHeader header, LtxConflictException conflict) throws IOException {
		for (LtxFileInfo file : this.client.list(level)) {
			if (file.minTxid().equals(header.minTxid()) && file.maxTxid().equals(header.maxTxid())) {
				return file;
			}
		}
		throw conflict;
	}

	private void verify(LtxFileInfo file, PageDigest merged, boolean ours) throws IOException {
		PageDigest stored;
		try {
			stored = PageDigest.read(this.client, file);
		}
		catch (CorruptLtxException ex) {
			throw unverified(file, ours, ex);
		}
		if (!stored.isSame(merged)) {
			throw unverified(file, ours, null);
		}
	}

	/**
	 * A file that we wrote and that came back different must not be in the way of the
	 * next try.
	 */
	private UnverifiedLtxException unverified(LtxFileInfo file, boolean ours, @Nullable CorruptLtxException cause)
			throws IOException {
		if (ours) {
			this.client.delete(List.of(file));
		}
		return new UnverifiedLtxException("The file " + file.level() + "/" + file.fileName() + " of "
				+ this.client.location() + " was read back and is not what its sources give"
				+ (ours ? "; it was removed, its sources stay" : "; its sources stay, move it away"), cause);
	}

}
