package dev.litestream.benchmarks;

import java.time.Instant;

/**
 * The time of day, which all processes of a machine share.
 */
public final class WallClock {

	private WallClock() {
	}

	/**
	 * Now.
	 * @return microseconds since the epoch
	 */
	public static long micros() {
		Instant now = Instant.now();
		return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
	}

}
