package dev.litestream;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

import org.jspecify.annotations.Nullable;

/**
 * The point in a replica's history that a restore goes to: the latest, a TXID (inclusive)
 * or an instant (files created strictly before it, as Litestream counts).
 *
 * @param txid the position to reach, or {@code null}
 * @param before the instant that bounds the files taken, or {@code null}
 */
public record RestoreTarget(@Nullable Txid txid, @Nullable Instant before) {

	/** The newest state that the replica holds. */
	public static final RestoreTarget LATEST = new RestoreTarget(null, null);

	public RestoreTarget {
		if (txid != null && before != null) {
			throw new IllegalArgumentException("A restore goes to a TXID or to an instant, not to both");
		}
	}

	/**
	 * The state at a position.
	 * @param txid the position, included; one of the replica's restore points
	 * @return the target
	 */
	public static RestoreTarget of(Txid txid) {
		return new RestoreTarget(txid, null);
	}

	/**
	 * The newest state whose files were created before an instant.
	 * @param instant the instant, not included
	 * @return the target
	 */
	public static RestoreTarget before(Instant instant) {
		return new RestoreTarget(null, instant);
	}

	/**
	 * The newest state that is not after an instant. Times of a replica are whole
	 * milliseconds.
	 * @param instant the instant, included
	 * @return the target
	 */
	public static RestoreTarget notAfter(Instant instant) {
		return before(instant.truncatedTo(ChronoUnit.MILLIS).plusMillis(1));
	}

	@Override
	public String toString() {
		return (this.txid != null) ? "TXID " + this.txid : (this.before != null) ? "before " + this.before : "latest";
	}

}
