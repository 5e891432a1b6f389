package dev.litestream.sample;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Times as people say them.
 */
final class HumanTime {

	private static final DateTimeFormatter INSTANT = DateTimeFormatter
		.ofPattern("d MMMM, HH:mm:ss 'UTC'", Locale.ENGLISH)
		.withZone(ZoneOffset.UTC);

	private HumanTime() {
	}

	/**
	 * A duration in one unit: {@code 0 ms}, {@code 85 ms}, {@code 4.3 s}, {@code 12 s},
	 * {@code 5 min}, {@code 3 h}, {@code 2 days}.
	 */
	static String of(Duration duration) {
		long millis = Math.max(0, duration.toMillis());
		long seconds = millis / 1000;
		if (millis < 1000) {
			return millis + " ms";
		}
		if (seconds < 10) {
			return seconds + "." + (millis % 1000) / 100 + " s";
		}
		if (seconds < 120) {
			return seconds + " s";
		}
		if (seconds < 7200) {
			return seconds / 60 + " min";
		}
		return (seconds < 172_800) ? seconds / 3600 + " h" : seconds / 86_400 + " days";
	}

	/** How long ago something was, such as {@code just now} or {@code 12 s ago}. */
	static String ago(Instant instant, Instant now) {
		long seconds = Duration.between(instant, now).toSeconds();
		if (seconds < 2) {
			return "just now";
		}
		return ((seconds < 10) ? seconds + " s" : of(Duration.ofSeconds(seconds))) + " ago";
	}

	/** A moment to the second. */
	static String at(Instant instant) {
		return INSTANT.format(instant);
	}

}
