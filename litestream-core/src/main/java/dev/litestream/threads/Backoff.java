package dev.litestream.threads;

import java.time.Duration;

/**
 * How long to wait after failures in a row: 250 ms, doubled each time, up to a longest
 * wait. Not thread-safe.
 */
public final class Backoff {

	/** For failures that somebody has to repair: a disk, a setting, a limit. */
	public static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

	/**
	 * For failures that end by themselves, such as those of a network: the next try
	 * should follow soon.
	 */
	public static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

	private static final Duration FIRST = Duration.ofMillis(250);

	private final Duration longest;

	private Duration next = FIRST;

	/**
	 * Begins without a failure.
	 * @param longest the longest wait
	 */
	public Backoff(Duration longest) {
		this.longest = longest;
	}

	/**
	 * There was a failure.
	 * @return how long to wait
	 */
	public Duration next() {
		Duration now = this.next;
		this.next = (now.compareTo(this.longest.dividedBy(2)) < 0) ? now.multipliedBy(2) : this.longest;
		return now;
	}

	/** There was a success. */
	public void reset() {
		this.next = FIRST;
	}

}
