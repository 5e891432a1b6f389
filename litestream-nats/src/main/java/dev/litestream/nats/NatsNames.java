package dev.litestream.nats;

import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Which names can be used for a bucket, a place in it, and subjects. Each exception is a
 * sentence that names the setting and what to use instead.
 */
final class NatsNames {

	private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]+");

	private static final Pattern SUBJECT = Pattern.compile("[^\\s.*>\"]+(\\.[^\\s.*>\"]+)*");

	private static final Pattern PATH = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");

	private NatsNames() {
	}

	static void checkBucket(String bucket) {
		if (!TOKEN.matcher(bucket).matches()) {
			throw new IllegalArgumentException(
					"'" + bucket + "' is not a bucket name; use letters, digits, '_' and '-' only");
		}
	}

	static void checkDomain(@Nullable String domain) {
		check(domain, TOKEN, "litestream.replica.domain", "letters, digits, '_' and '-' only");
	}

	/**
	 * Checks a prefix of subjects.
	 * @param subject the prefix, or {@code null} for none
	 * @param setting the setting's name
	 * @param example what it could be
	 */
	static void checkSubject(@Nullable String subject, String setting, String example) {
		check(subject, SUBJECT, setting, "a subject without wildcards, such as " + example);
	}

	private static void check(@Nullable String value, Pattern pattern, String setting, String cure) {
		if (value != null && !pattern.matcher(value).matches()) {
			throw new IllegalArgumentException(setting + " '" + value + "' cannot be used; use " + cure);
		}
	}

	static String checkPath(String path) {
		if (!PATH.matcher(path).matches()) {
			throw new IllegalArgumentException("litestream.replica.path '" + path
					+ "' cannot be used; use letters, digits, '.', '_' and '-', with single '/' in between");
		}
		for (String segment : path.split("/")) {
			if (segment.equals(".") || segment.equals("..")) {
				throw new IllegalArgumentException(
						"litestream.replica.path '" + path + "' cannot be used; remove its '" + segment + "'");
			}
		}
		if (path.equals("ltx") || path.startsWith("ltx/")) {
			// else its objects would lie among those of a database without a path
			throw new IllegalArgumentException(
					"litestream.replica.path '" + path + "' cannot be used; it must not begin with 'ltx'");
		}
		return path;
	}

}
