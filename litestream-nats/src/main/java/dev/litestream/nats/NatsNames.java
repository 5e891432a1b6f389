package dev.litestream.nats;

import java.util.regex.Pattern;

import dev.litestream.InvalidSettingException;
import dev.litestream.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Which names can be used for a bucket, a place in it, and a domain. Each exception is a
 * sentence that names the setting and what to use instead.
 */
final class NatsNames {

	private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]+");

	private static final Pattern PATH = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");

	private static final String PATH_SETTING = "litestream.replica.path";

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
			throw unusable("litestream.replica.domain", domain, "Use letters, digits, '_' and '-' only.");
		}
	}

	static String checkPath(String path) {
		if (!PATH.matcher(path).matches()) {
			throw unusable(PATH_SETTING, path, "Use letters, digits, '.', '_' and '-', with single '/' in between.");
		}
		for (String segment : path.split("/")) {
			if (segment.equals(".") || segment.equals("..")) {
				throw unusable(PATH_SETTING, path, "Remove its '" + segment + "'.");
			}
		}
		if (path.equals("ltx") || path.startsWith("ltx/")) {
			// else its objects would lie among those of a database without a path
			throw unusable(PATH_SETTING, path, "Use a path that does not begin with 'ltx'.");
		}
		return path;
	}

	private static InvalidSettingException unusable(String setting, String value, String cure) {
		return new Setting(setting).invalid("has the value '" + value + "', which cannot be used", cure);
	}

}
