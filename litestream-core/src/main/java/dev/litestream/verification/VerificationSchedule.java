package dev.litestream.verification;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import org.jspecify.annotations.Nullable;

/**
 * When a backup is verified next. The interval counts from the last verification, even if
 * the application has been restarted since. Immutable.
 */
final class VerificationSchedule {

	/** A new application verifies for the first time this long after its start. */
	private static final Duration FIRST = Duration.ofMinutes(10);

	/** A verification that is overdue does not disturb the start. */
	private static final Duration OVERDUE = Duration.ofMinutes(1);

	/** A point that was not proved is tried again after this time. */
	private static final Duration RETRY = Duration.ofHours(1);

	/** Spreads verifications that would begin at the same time. */
	private static final Duration LONGEST_JITTER = Duration.ofMinutes(5);

	private final Duration interval;

	VerificationSchedule(Duration interval) {
		this.interval = interval;
	}

	boolean isOn() {
		return !this.interval.isZero();
	}

	/**
	 * The delay until the first verification after a start, greater than zero: short if
	 * the backup was found bad before, as the restart may be the repair.
	 */
	Duration delayAtStart(VerificationStatus status, Instant now) {
		return (status.failure() != null) ? withJitter(min(this.interval, OVERDUE)) : delay(status.last(), now);
	}

	/**
	 * The delay until the next verification, greater than zero. A clock that jumps
	 * neither hurries it nor delays it for longer than the interval. {@code last} is
	 * {@code null} if there was none.
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
