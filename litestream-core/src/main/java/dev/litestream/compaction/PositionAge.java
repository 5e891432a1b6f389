package dev.litestream.compaction;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

import dev.litestream.Txid;

/**
 * Whether a position is certainly older than a retention time: a clock that jumps ahead
 * must not make young files old, and one that jumps back must not keep files for ever.
 * <ol>
 * <li>A position that this process has known for the whole retention time, by elapsed
 * time, is old.</li>
 * <li>Otherwise its timestamp counts, compared with a time of day that is believed only
 * as far as elapsed time confirms it: the smallest difference between the two within the
 * retention time. A jump ahead counts once it has lasted that long: by then everything
 * that existed at the jump is really old. A jump back counts immediately.</li>
 * <li>At the start the timestamp of the newest file is such a difference: while nothing
 * was running, nothing has aged yet. Age lags behind by that pause, for one retention
 * time.</li>
 * </ol>
 * Not thread-safe.
 */
final class PositionAge {

	/**
	 * Into how many parts the retention time is divided; it counts as longer by one part.
	 */
	private static final int PARTS = 16;

	private final long retention;

	private final Clock clock;

	private final LongSupplier nanos;

	/** The positions known over time, oldest first. */
	private final Deque<Sample> samples = new ArrayDeque<>();

	/**
	 * Starts to watch. Positions are old after the retention time; {@code nanos} is
	 * elapsed time, in nanoseconds.
	 */
	PositionAge(Duration retention, Clock clock, LongSupplier nanos) {
		this.retention = retention.toMillis();
		this.clock = clock;
		this.nanos = nanos;
	}

	/**
	 * Notes the newest position and its timestamp. To be called whenever there may be a
	 * new one: the more often, the sooner jumps of the clock are noticed.
	 */
	void observe(Txid txid, Instant newest) {
		long now = elapsed();
		if (this.samples.isEmpty()) {
			this.samples.add(new Sample(now, txid, Math.min(offset(), newest.toEpochMilli() - now)));
		}
		Sample last = this.samples.getLast();
		if (now - last.at < this.retention / PARTS) {
			last.offset = Math.min(last.offset, offset());
		}
		else {
			this.samples.add(new Sample(now, txid, offset()));
		}
		// The newest sample that is old enough stays: it tells which positions are old.
		while (this.samples.size() > 1 && now - second().at >= this.retention) {
			this.samples.removeFirst();
		}
	}

	/**
	 * Whether a position is certainly older than the retention time. The timestamp is the
	 * time of day at which it was written.
	 */
	boolean isOld(Txid txid, Instant timestamp) {
		Sample oldest = this.samples.peekFirst();
		if (oldest == null) {
			return false;
		}
		long now = elapsed();
		if (now - oldest.at >= this.retention && !txid.isAfter(oldest.txid)) {
			return true;
		}
		long offset = offset();
		for (Sample sample : this.samples) {
			offset = Math.min(offset, sample.offset);
		}
		return now + offset - timestamp.toEpochMilli() > this.retention;
	}

	private Sample second() {
		var samples = this.samples.iterator();
		samples.next();
		return samples.next();
	}

	private long elapsed() {
		return this.nanos.getAsLong() / 1_000_000;
	}

	/** The difference between the clock and elapsed time, in milliseconds. */
	private long offset() {
		return this.clock.millis() - elapsed();
	}

	private static final class Sample {

		private final long at;

		private final Txid txid;

		/** The smallest difference from then until the next sample. */
		private long offset;

		Sample(long at, Txid txid, long offset) {
			this.at = at;
			this.txid = txid;
			this.offset = offset;
		}

	}

}
