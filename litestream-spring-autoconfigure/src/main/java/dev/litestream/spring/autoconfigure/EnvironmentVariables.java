package dev.litestream.spring.autoconfigure;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * Tells slips among environment variables. Their names have no dots, dashes and brackets,
 * so keys are compared without; and the original, or a platform, may well have variables
 * of its own that begin with {@code LITESTREAM_}.
 */
final class EnvironmentVariables {

	private static final String PREFIX = "LITESTREAM_";

	private static final int SLIP = 2;

	/** Nobody else's, but for a service of that name in Kubernetes. */
	private static final Pattern OURS = Pattern
		.compile("LITESTREAM_(DBS_\\d+|REPLICA|SNAPSHOT|LEVELS_\\d+)_(?!SERVICE_|PORT(_|$)).*");

	private static final Pattern NAMED = Pattern.compile("LITESTREAM_DBS_([A-Z][A-Z0-9]*)_.+");

	private final KnownKeys known;

	EnvironmentVariables(KnownKeys known) {
		this.known = known;
	}

	/**
	 * Says what to do about a variable that is meant for us and has no effect; {@code
	 * null} for any other.
	 */
	@Nullable String cure(String variable) {
		String upper = variable.toUpperCase(Locale.ROOT);
		if (!upper.startsWith(PREFIX)) {
			return null;
		}
		String squeezed = upper.substring(PREFIX.length()).replace("_", "");
		String index = index(upper);
		String nearest = null;
		int least = SLIP + 1;
		for (String key : this.known.leaves()) {
			String ours = key.replace("-", "").replace(".", "").toUpperCase(Locale.ROOT);
			// elements of a list and names in a map may follow
			if (Pattern.matches(ours.replace("[]", "\\d+") + "(\\d+)?", squeezed)
					|| key.startsWith("dbs[]") && isOfNamed(upper, ours, squeezed)
					|| key.endsWith(".metadata") && squeezed.startsWith(ours.replace("[]", index))) {
				return null;
			}
			int distance = NearestKey.distance(squeezed, ours.replace("[]", index));
			if (distance < least) {
				least = distance;
				nearest = PREFIX + key.replace("-", "").replace('.', '_').replace("[]", "_" + index);
			}
		}
		if (nearest != null) {
			return "Perhaps " + nearest.toUpperCase(Locale.ROOT) + " is meant";
		}
		return OURS.matcher(upper).matches() ? "docs/properties.md has all keys" : null;
	}

	/** {@code LITESTREAM_DBS_SHOP_PATH}. */
	private boolean isOfNamed(String variable, String key, String squeezed) {
		Matcher named = NAMED.matcher(variable);
		return named.matches()
				&& this.known.canonical(ConfigurationPropertyName
					.of("dbs." + named.group(1).toLowerCase(Locale.ROOT) + ".path")) != null
				&& squeezed.equals(key.replaceFirst("\\[]", named.group(1)));
	}

	private static String index(String variable) {
		String digits = variable.replaceFirst("^LITESTREAM_[A-Z]+_(\\d+).*", "$1");
		return digits.equals(variable) ? "0" : digits;
	}

}
