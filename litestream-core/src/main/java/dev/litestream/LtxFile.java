package dev.litestream;

import java.time.Instant;

/**
 * One file that a replica holds.
 *
 * @param level 0 raw, 1 to 8 compactions, 9 snapshots
 * @param name its name within the level
 * @param minTxid the first position it holds
 * @param maxTxid the last position it holds
 * @param size its size, in bytes
 * @param createdAt when its last position was written
 */
public record LtxFile(int level, String name, Txid minTxid, Txid maxTxid, long size, Instant createdAt) {

}
