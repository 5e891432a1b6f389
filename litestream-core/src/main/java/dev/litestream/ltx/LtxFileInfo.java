package dev.litestream.ltx;

import java.time.Instant;

import dev.litestream.LtxFile;
import dev.litestream.Txid;

/**
 * One LTX file as a replica lists it.
 *
 * @param level 0 raw, 1..8 compactions, 9 snapshot
 * @param minTxid the first position it holds
 * @param maxTxid the last position it holds
 * @param size its size, in bytes
 * @param createdAt the timestamp of its LTX header
 */
public record LtxFileInfo(int level, Txid minTxid, Txid maxTxid, long size, Instant createdAt) {

	/**
	 * The file's name within its level.
	 * @return {@code <min>-<max>.ltx}
	 */
	public String fileName() {
		return LtxFileName.of(this.minTxid, this.maxTxid);
	}

	/**
	 * The file as applications see it.
	 * @return the file
	 */
	public LtxFile toLtxFile() {
		return new LtxFile(this.level, fileName(), this.minTxid, this.maxTxid, this.size, this.createdAt);
	}

}
