package dev.litestream.spring.actuate;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * How often somebody outside may have a backup verified, which reads all of it: one at a
 * time for each database, and the next one a while after the last has ended. Thread-safe.
 */
final class VerificationLimit {

	private final Duration interval;

	private final LongSupplier nanoTime;

	private final Set<String> running = new HashSet<>();

	private final Map<String, Long> ended = new HashMap<>();

	/**
	 * Creates a limit with the shortest time between two verifications of one database.
	 */
	VerificationLimit(Duration interval, LongSupplier nanoTime) {
		this.interval = interval;
		this.nanoTime = nanoTime;
	}

	/**
	 * Begins a verification, which {@link #end} ends. Returns {@code null}, or a sentence
	 * that says why it is not allowed now.
	 */
	synchronized @Nullable String begin(String database) {
		if (this.running.contains(database)) {
			return "A verification of this database that the endpoint was asked for still runs";
		}
		Long last = this.ended.get(database);
		if (last != null) {
			Duration passed = Duration.ofNanos(this.nanoTime.getAsLong() - last);
			if (passed.compareTo(this.interval) < 0) {
				return "The endpoint verified this backup " + passed.toSeconds() + " seconds ago, and"
						+ " litestream.endpoint.verify-interval is " + this.interval.toSeconds()
						+ " seconds: ask again in " + (this.interval.minus(passed).toSeconds() + 1) + " seconds";
			}
		}
		this.running.add(database);
		return null;
	}

	/** A verification has ended, however. */
	synchronized void end(String database) {
		this.running.remove(database);
		this.ended.put(database, this.nanoTime.getAsLong());
	}

}
