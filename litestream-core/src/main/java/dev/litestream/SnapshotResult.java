package dev.litestream;

import java.time.Duration;
import java.time.Instant;

/**
 * The snapshot that a replica holds of its newest position.
 *
 * @param txid the position
 * @param timestamp when that position was written
 * @param size the size of the snapshot, in bytes
 * @param took how long it took; close to zero if the replica already had it
 */
public record SnapshotResult(Txid txid, Instant timestamp, long size, Duration took) {

}
