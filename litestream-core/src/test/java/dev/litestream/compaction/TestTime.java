package dev.litestream.compaction;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Time that a test moves: elapsed time, which only goes ahead, and a wall clock that may
 * be wrong by any amount.
 */
final class TestTime extends Clock {

	static final Instant START = Instant.parse("2026-08-19T12:00:07Z");

	private Instant now = START;

	private Duration skew = Duration.ZERO;

	void advance(Duration duration) {
		this.now = this.now.plus(duration);
	}

	void skew(Duration skew) {
		this.skew = skew;
	}

	Duration skew() {
		return this.skew;
	}

	/** What the time really is. */
	Instant real() {
		return this.now;
	}

	long nanos() {
		return Duration.between(START, this.now).toNanos();
	}

	@Override
	public Instant instant() {
		return this.now.plus(this.skew);
	}

	@Override
	public ZoneId getZone() {
		return ZoneOffset.UTC;
	}

	@Override
	public Clock withZone(ZoneId zone) {
		throw new UnsupportedOperationException();
	}

}
