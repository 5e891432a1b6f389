package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.convert.DurationStyle;

/**
 * A duration as it is written. It needs a unit: a bare number counts as milliseconds in
 * Spring Boot and as nanoseconds in the original's file, and whoever writes
 * {@code retention: 24} means hours. And it is not so short that it can only be a slip.
 * Zero needs no unit; whether it is allowed is the engine's question.
 */
record WrittenDuration(ConfigurationPropertyName name, String text) {

	private static final KnownKeys KNOWN = KnownKeys.of(LitestreamProperties.class);

	private static final Pattern ZERO = Pattern.compile("[+-]?0+(\\.0*)?");

	private static final Pattern BARE = Pattern.compile("[+-]?(\\d+(?:\\.\\d*)?)");

	/** By the documented key, without the database that it may be of. */
	private static final Map<String, String> SHORTEST = Map.ofEntries(Map.entry("sync-interval", "1ms"),
			Map.entry("monitor-interval", "1ms"), Map.entry("replica.sync-interval", "1ms"),
			Map.entry("checkpoint-interval", "100ms"), Map.entry("busy-timeout", "1ms"),
			Map.entry("shutdown-sync-timeout", "100ms"), Map.entry("levels[].interval", "100ms"),
			Map.entry("snapshot.interval", "1m"), Map.entry("replica.snapshot-interval", "1m"),
			Map.entry("snapshot.retention", "1m"), Map.entry("replica.retention", "1m"),
			Map.entry("verification.interval", "1m"), Map.entry("l0-retention", "1s"),
			Map.entry("l0-retention-check-interval", "1s"), Map.entry("health.max-lag", "100ms"),
			Map.entry("endpoint.verify-interval", "1s"), Map.entry("replica.timeout", "100ms"),
			Map.entry("replica.request-timeout", "100ms"), Map.entry("replica.reconnect-wait", "10ms"),
			Map.entry("replica.reconnect-jitter", "1ms"), Map.entry("replica.ping-interval", "1s"));

	/** The least that a key takes, or {@code null} if any duration will do. */
	static @Nullable String shortest(ConfigurationPropertyName name) {
		String key = String.valueOf(KNOWN.canonical(name.subName(1)));
		key = key.startsWith("dbs[].") ? key.substring("dbs[].".length()) : key;
		key = key.replace("replicas[].", "replica.");
		// levels: 30s, 5m, 1h
		return SHORTEST.get(key.matches("levels(\\[])?") ? "levels[].interval" : key);
	}

	/**
	 * Refuses what has no unit, or is too short.
	 * @throws InvalidLitestreamPropertyException if it is refused
	 */
	void check() {
		if (ZERO.matcher(this.text).matches()) {
			return;
		}
		PropertyKey key = new PropertyKey(this.name.toString());
		Matcher bare = BARE.matcher(this.text);
		if (bare.matches()) {
			String number = bare.group(1);
			throw key.invalid("has no unit (got " + this.text + ")",
					"Write the unit: " + number + "h, " + number + "m, " + number + "s or " + number + "ms.");
		}
		String shortest = shortest(this.name);
		if (shortest != null && isShorter(shortest)) {
			throw key.invalid("is too short (got " + this.text + "): the shortest allowed is " + shortest,
					"Write " + shortest + " or longer.");
		}
	}

	private boolean isShorter(String shortest) {
		try {
			Duration duration = DurationStyle.detectAndParse(this.text);
			// what is negative is refused with the other values
			return duration.compareTo(Duration.ZERO) > 0
					&& duration.compareTo(DurationStyle.detectAndParse(shortest)) < 0;
		}
		catch (IllegalArgumentException ex) {
			// no duration at all, which is said when it is bound
			return false;
		}
	}

}
