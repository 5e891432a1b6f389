package dev.litestream.nats;

import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Which names can be used for a bucket, a place in it, and a domain. Each exception is a
 * sentence that names the setting and what to use instead.
 */
final class NatsNames {

	private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]+");

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
		if (domain != null && !TOKEN.matcher(domain).matches()) {
			throw new IllegalArgumentException(
					"litestream.replica.domain '" + domain + "' cannot be used; use letters, digits, '_' and '-' only");
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
