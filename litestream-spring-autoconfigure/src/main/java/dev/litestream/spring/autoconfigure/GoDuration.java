package dev.litestream.spring.autoconfigure;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Times as Go writes them: numbers with units, {@code 1h30m} or {@code 1.5s}.
 */
final class GoDuration {

	private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");

	private static final Pattern WHOLE = Pattern.compile("[+-]?(?:" + PART.pattern() + ")+");

	private static final Map<String, Long> NANOS = Map.of("ns", 1L, "us", 1_000L, "µs", 1_000L, "μs", 1_000L, "ms",
			1_000_000L, "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);

	private GoDuration() {
	}

	/** Reads a time; {@code null} if the value is not one. */
	static @Nullable Duration parse(String value) {
		String text = value.strip();
		if (text.matches("[+-]?0")) {
			return Duration.ZERO;
		}
		if (!WHOLE.matcher(text).matches()) {
			return null;
		}
		BigDecimal nanos = BigDecimal.ZERO;
		Matcher parts = PART.matcher(text);
		while (parts.find()) {
			nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(NANOS.get(parts.group(2)))));
		}
		Duration duration = Duration.ofNanos(nanos.longValue());
		return text.startsWith("-") ? duration.negated() : duration;
	}

}
