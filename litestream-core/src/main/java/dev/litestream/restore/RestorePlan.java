package dev.litestream.restore;

import java.time.Instant;
import java.util.List;

import dev.litestream.RestorePoint;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;

/**
 * The files that make up a database when they are merged.
 *
 * @param files oldest first, without gaps, the first one starting at TXID 1; never empty
 */
public record RestorePlan(List<LtxFileInfo> files) {

	public RestorePlan {
		if (files.isEmpty()) {
			throw new IllegalArgumentException("A restore plan needs files");
		}
		files = List.copyOf(files);
	}

	/**
	 * The position that the plan reaches.
	 * @return the last file's last TXID
	 */
	public Txid txid() {
		return last().maxTxid();
	}

	/**
	 * When that position was written.
	 * @return the last file's timestamp
	 */
	public Instant timestamp() {
		return last().createdAt();
	}

	/**
	 * The size of all files.
	 * @return the number of bytes
	 */
	public long bytes() {
		return this.files.stream().mapToLong(LtxFileInfo::size).sum();
	}

	RestorePoint point() {
		return new RestorePoint(txid(), timestamp());
	}

	private LtxFileInfo last() {
		return this.files.get(this.files.size() - 1);
	}

}
