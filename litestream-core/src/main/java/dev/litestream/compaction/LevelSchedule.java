package dev.litestream.compaction;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * When a level is due: at the boundaries of its interval, counted from the epoch as
 * Litestream does; 24 hours means midnight UTC. A clock that jumps ahead makes it due
 * once. A clock that jumps back does not delay it: it is due at the latest one interval
 * of elapsed time after the last run. Not thread-safe.
 */
final class LevelSchedule {

	private final long interval;

	private final Clock clock;

	private final LongSupplier nanos;

	/** The next boundary, in milliseconds since the epoch. */
	private long boundary;

	/** When it last ran, or was found to have nothing to do. */
	private long ranAt;

	/** Starts at the next boundary. {@code nanos} is elapsed time, in nanoseconds. */
	LevelSchedule(Duration interval, Clock clock, LongSupplier nanos) {
		this.interval = Math.max(1, interval.toMillis());
		this.clock = clock;
		this.nanos = nanos;
		ran();
	}

	/**
	 * Continues the schedule of an earlier process, whose files show when it ran last:
	 * due immediately if that process has missed a run.
	 */
	void start(Instant last) {
		ran();
		long now = this.clock.millis();
		if (now - last.toEpochMilli() >= this.interval) {
			this.boundary = now;
		}
	}

	boolean isDue() {
		return this.clock.millis() >= this.boundary
				|| this.nanos.getAsLong() - this.ranAt >= Duration.ofMillis(this.interval).toNanos();
	}

	/** It ran, or had nothing to do: the next boundary counts. */
	void ran() {
		this.ranAt = this.nanos.getAsLong();
		this.boundary = (Math.floorDiv(this.clock.millis(), this.interval) + 1) * this.interval;
	}

}
