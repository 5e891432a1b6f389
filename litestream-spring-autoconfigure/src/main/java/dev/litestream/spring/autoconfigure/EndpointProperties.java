package dev.litestream.spring.autoconfigure;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * What the actuator endpoint's operations may do.
 */
public class EndpointProperties {

	private static final PropertyKey KEY = new PropertyKey("litestream.endpoint");

	/**
	 * Directory below which the endpoint may restore to new files. It may restore nothing
	 * if not set.
	 */
	private @Nullable String restoreDirectory;

	/**
	 * Shortest time between two verifications of one database by the endpoint. Zero for
	 * no limit.
	 */
	private Duration verifyInterval = Duration.ofMinutes(1);

	public @Nullable String getRestoreDirectory() {
		return this.restoreDirectory;
	}

	public void setRestoreDirectory(@Nullable String restoreDirectory) {
		this.restoreDirectory = restoreDirectory;
	}

	public Duration getVerifyInterval() {
		return this.verifyInterval;
	}

	public void setVerifyInterval(Duration verifyInterval) {
		this.verifyInterval = verifyInterval;
	}

	/**
	 * The directory below which it may restore.
	 * @return the directory, or {@code null} for none
	 * @throws InvalidLitestreamPropertyException if it is not one
	 */
	public @Nullable Path restoreDirectory() {
		if (!StringUtils.hasText(this.restoreDirectory)) {
			return null;
		}
		PropertyKey key = KEY.child("restore-directory");
		try {
			return Path.of(this.restoreDirectory.strip());
		}
		catch (InvalidPathException ex) {
			throw key.invalid("is not a path (" + ex.getReason() + ")",
					"Write the directory that the endpoint may restore to, or remove it.");
		}
	}

	/**
	 * The shortest time between two verifications.
	 * @return the time
	 * @throws InvalidLitestreamPropertyException if it is negative
	 */
	public Duration verifyInterval() {
		return KEY.child("verify-interval").require((setting) -> setting.requireNotNegative(this.verifyInterval));
	}

}
