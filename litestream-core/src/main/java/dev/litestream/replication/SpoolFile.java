package dev.litestream.replication;

import java.nio.file.Path;
import java.time.Instant;

import dev.litestream.Txid;
import org.jspecify.annotations.Nullable;

/**
 * One LTX file in the local spool.
 *
 * @param minTxid first position
 * @param maxTxid last position
 * @param timestamp timestamp of its header
 * @param size its size, in bytes
 * @param path where it lies
 * @param bytes its content where it is small and fresh, else {@code null}
 * @param since when the oldest commit in it was signalled, by {@link System#nanoTime()}
 */
record SpoolFile(Txid minTxid, Txid maxTxid, Instant timestamp, long size, Path path, byte @Nullable [] bytes,
		long since) {

	SpoolFile withoutBytes() {
		return new SpoolFile(this.minTxid, this.maxTxid, this.timestamp, this.size, this.path, null, this.since);
	}

}
