package dev.litestream.replication;

import java.util.function.LongSupplier;

/**
 * Limits the LTX files sent per second: a token bucket that holds the tokens of a fifth
 * of a second, at least one. Light load never waits; heavy load is grouped into fewer
 * files. Thread-safe.
 */
final class ObjectRate {

	private final double perNano;

	private final double capacity;

	private final LongSupplier nanoClock;

	private double tokens;

	private long last;

	ObjectRate(double perSecond, LongSupplier nanoClock) {
		this.perNano = perSecond / 1e9;
		this.capacity = Math.max(1, perSecond / 5);
		this.nanoClock = nanoClock;
		this.tokens = this.capacity;
		this.last = nanoClock.getAsLong();
	}

	/** Returns 0 if there is a token, or the nanoseconds until there will be one. */
	synchronized long waitNanos() {
		long now = this.nanoClock.getAsLong();
		this.tokens = Math.min(this.capacity, this.tokens + (now - this.last) * this.perNano);
		this.last = now;
		return (this.tokens >= 1) ? 0 : Math.max(1, (long) Math.ceil((1 - this.tokens) / this.perNano));
	}

	/**
	 * Takes a token for a file that was written. A file that could not wait for its token
	 * causes a debt, and later files wait for it.
	 */
	synchronized void take() {
		this.tokens = Math.max(-this.capacity, this.tokens - 1);
	}

}
