package dev.litestream.nats.bucket;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Version of a nats-server.
 *
 * @param major for example 2
 * @param minor for example 12
 * @param patch for example 4
 */
record ServerVersion(int major, int minor, int patch) {

	/**
	 * The oldest version that is supported: those just before it could lose a whole
	 * stream when a server of a cluster was killed.
	 */
	static final ServerVersion OLDEST_SUPPORTED = new ServerVersion(2, 10, 23);

	private static final ServerVersion NO_VERSION = new ServerVersion(Integer.MAX_VALUE, 0, 0);

	private static final Pattern PATTERN = Pattern.compile("v?(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9}).*");

	/**
	 * Reads a version as the server states it; what cannot be read counts as newer than
	 * any.
	 */
	static ServerVersion parse(String text) {
		Matcher matcher = PATTERN.matcher(text);
		return matcher.matches() ? new ServerVersion(Integer.parseInt(matcher.group(1)),
				Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3))) : NO_VERSION;
	}

	boolean isAtLeast(ServerVersion other) {
		if (this.major != other.major) {
			return this.major > other.major;
		}
		if (this.minor != other.minor) {
			return this.minor > other.minor;
		}
		return this.patch >= other.patch;
	}

	boolean isSupported() {
		return isAtLeast(OLDEST_SUPPORTED);
	}

	/**
	 * Whether compressed streams are safe: until 2.12.12 and 2.14.3 the server could
	 * damage their blocks when it tidied them up.
	 */
	boolean compressesSafely() {
		return isAtLeast(new ServerVersion(2, 14, 3))
				|| (isAtLeast(new ServerVersion(2, 12, 12)) && !isAtLeast(new ServerVersion(2, 13, 0)));
	}

	@Override
	public String toString() {
		return this.major + "." + this.minor + "." + this.patch;
	}

}
