package dev.litestream.verification;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import org.jspecify.annotations.Nullable;

/**
 * When a backup is verified next. The interval counts from the last verification, whether
 * the application has been restarted since or not. Immutable.
 */
final class VerificationSchedule {

	/** A new application verifies for the first time this long after its start. */
	private static final Duration FIRST = Duration.ofMinutes(10);

	/** A verification that is overdue does not disturb the start. */
	private static final Duration OVERDUE = Duration.ofMinutes(1);

	/** What has not been proved is tried again after this long. */
	private static final Duration RETRY = Duration.ofHours(1);

	/** Spreads what would begin at the same time. */
	private static final Duration LONGEST_JITTER = Duration.ofMinutes(5);

	private final Duration interval;

	VerificationSchedule(Duration interval) {
		this.interval = interval;
	}

	boolean isOn() {
		return !this.interval.isZero();
	}

	/**
	 * How long until the first verification after a start: soon, if the backup was found
	 * bad before, as a restart may be the repair.
	 * @param status what is known from before
	 * @param now the time
	 * @return the delay, never zero or less
	 */
	Duration delayAtStart(VerificationStatus status, Instant now) {
		return (status.failure() != null) ? withJitter(min(this.interval, OVERDUE)) : delay(status.last(), now);
	}

	/**
	 * How long until the next verification. A clock that has jumped neither hurries it
	 * nor puts it off for longer than the interval.
	 * @param last the last verification, or {@code null}
	 * @param now the time
	 * @return the delay, never zero or less
	 */
	Duration delay(@Nullable VerificationResult last, Instant now) {
		Duration delay = min(this.interval, FIRST);
		if (last != null) {
			Duration pause = (last.outcome() == VerificationOutcome.VERIFIED) ? this.interval
					: min(this.interval, RETRY);
			Duration left = Duration.between(now, last.at()).plus(pause);
			delay = max(min(left, pause), min(this.interval, OVERDUE));
		}
		return withJitter(delay);
	}

	private Duration withJitter(Duration delay) {
		long jitter = min(this.interval.dividedBy(10), LONGEST_JITTER).toMillis();
		return delay.plusMillis(ThreadLocalRandom.current().nextLong(jitter + 1));
	}

	private static Duration min(Duration a, Duration b) {
		return (a.compareTo(b) < 0) ? a : b;
	}

	private static Duration max(Duration a, Duration b) {
		return (a.compareTo(b) > 0) ? a : b;
	}

}
