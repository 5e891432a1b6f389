package dev.litestream.replication;

import java.time.Duration;

/**
 * How long to wait after failures in a row: 250 ms, doubled each time, at most 5 s, so
 * that a replica that returns is used at once. Not safe for several threads.
 */
final class Backoff {

	private static final Duration FIRST = Duration.ofMillis(250);

	private static final Duration LONGEST = Duration.ofSeconds(5);

	private Duration next = FIRST;

	Duration next() {
		Duration now = this.next;
		this.next = (now.compareTo(LONGEST.dividedBy(2)) < 0) ? now.multipliedBy(2) : LONGEST;
		return now;
	}

	void reset() {
		this.next = FIRST;
	}

}
