package dev.litestream.spool;

import java.nio.file.Path;
import java.time.Instant;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.PageSums;
import org.jspecify.annotations.Nullable;

/**
 * One LTX file in the local spool.
 *
 * @param minTxid first position
 * @param maxTxid last position
 * @param timestamp timestamp of its header
 * @param size its size, in bytes
 * @param path where it lies
 * @param bytes its content if it is small and new, or {@code null}
 * @param since when the oldest commit in it was signalled, by {@link System#nanoTime()}
 * @param sums what is known of its pages if it is new, or {@code null}
 */
public record SpoolFile(Txid minTxid, Txid maxTxid, Instant timestamp, long size, Path path, byte @Nullable [] bytes,
		long since, @Nullable PageSums sums) {

	/** A file of which nothing is in memory. */
	public SpoolFile(Txid minTxid, Txid maxTxid, Instant timestamp, long size, Path path, long since) {
		this(minTxid, maxTxid, timestamp, size, path, null, since, null);
	}

	LtxFileName name() {
		return new LtxFileName(this.minTxid, this.maxTxid);
	}

	/** Whether it stands for more than one TXID, from the first on. */
	public boolean isSnapshot() {
		return isSnapshot(this.minTxid, this.maxTxid);
	}

	/** Whether a file of that range stands for more than one TXID, from the first on. */
	public static boolean isSnapshot(Txid min, Txid max) {
		return min.equals(Txid.FIRST) && max.isAfter(Txid.FIRST);
	}

	/** The position before it: the replica has to end there to accept it. */
	public Txid before() {
		return isSnapshot() ? this.maxTxid.previous() : this.minTxid.previous();
	}

	/** Whether some of it is in memory. */
	public boolean isInMemory() {
		return this.bytes != null || this.sums != null;
	}

	/** The same file, which has to be read from disk. */
	public SpoolFile onDisk() {
		return new SpoolFile(this.minTxid, this.maxTxid, this.timestamp, this.size, this.path, this.since);
	}

}
