package dev.litestream.restore;

import java.time.Instant;

import dev.litestream.Txid;

/**
 * A position that a replica can restore.
 *
 * @param txid the position
 * @param timestamp when it was written
 */
public record RestorePoint(Txid txid, Instant timestamp) {

	@Override
	public String toString() {
		return "TXID " + this.txid + " (" + this.timestamp + ")";
	}

}
