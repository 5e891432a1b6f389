package dev.litestream.ltx;

import java.time.Instant;

import dev.litestream.Txid;

/**
 * The 100-byte header of an LTX file.
 *
 * @param flags header flags; {@link LtxFormat#NO_CHECKSUM} is the only one
 * @param pageSize page size in bytes, a power of two from 512 to 65536
 * @param commit size of the database after this file, in pages
 * @param minTxid first position, at least 1
 * @param maxTxid last position, at least {@code minTxid}
 * @param timestamp milliseconds since the epoch
 * @param preApplyChecksum rolling checksum before, or 0
 * @param walOffset offset in the WAL of the first frame that this file holds, or 0
 * @param walSize bytes of the WAL that this file holds, or 0
 * @param walSalt1 first salt of that WAL, or 0
 * @param walSalt2 second salt of that WAL, or 0
 * @param nodeId the writer's id, or 0
 */
public record LtxHeader(int flags, int pageSize, long commit, Txid minTxid, Txid maxTxid, long timestamp,
		long preApplyChecksum, long walOffset, long walSize, int walSalt1, int walSalt2, long nodeId) {

	/**
	 * The timestamp as an instant.
	 * @return the timestamp
	 */
	public Instant createdAt() {
		return Instant.ofEpochMilli(this.timestamp);
	}

	/**
	 * Whether this file holds the whole database (its history starts at TXID 1).
	 * @return whether it is a snapshot
	 */
	public boolean isSnapshot() {
		return this.minTxid.equals(Txid.FIRST);
	}

}
