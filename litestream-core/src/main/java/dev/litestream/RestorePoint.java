package dev.litestream;

import java.time.Instant;

/**
 * A position that a replica can restore.
 *
 * @param txid the position
 * @param timestamp when it was written, taken from the file that ends there
 */
public record RestorePoint(Txid txid, Instant timestamp) {

	@Override
	public String toString() {
		return "TXID " + this.txid + " (" + this.timestamp + ")";
	}

}
