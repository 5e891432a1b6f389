package dev.litestream;

import java.time.Duration;

/**
 * A setting, and the checks of its values. All options check their values with it: every
 * refusal names the same key.
 *
 * @param key the whole key under which it is configured for all databases, such as
 * {@code litestream.sync-interval}
 */
public record Setting(String key) {

	/**
	 * Refuses a value.
	 * @param problem what is wrong, a clause that follows the key
	 * @param cure a sentence that says what to write instead
	 * @return the exception to throw
	 */
	public InvalidSettingException invalid(String problem, String cure) {
		return new InvalidSettingException(this.key, problem, cure);
	}

	/**
	 * Checks that a duration is greater than zero.
	 * @param value the duration
	 * @return the same duration
	 * @throws InvalidSettingException if it is not
	 */
	public Duration requirePositive(Duration value) {
		if (value.isZero() || value.isNegative()) {
			throw invalid("must be greater than 0 (got " + value + ")", "Write a duration such as 1s.");
		}
		return value;
	}

	/**
	 * Checks that a duration is zero or greater.
	 * @param value the duration
	 * @return the same duration
	 * @throws InvalidSettingException if it is not
	 */
	public Duration requireNotNegative(Duration value) {
		if (value.isNegative()) {
			throw invalid("must not be negative (got " + value + ")", "Write a duration such as 1s, or 0.");
		}
		return value;
	}

	/**
	 * Checks that a size is greater than zero.
	 * @param bytes the size
	 * @param example an example of a size
	 * @return the same size
	 * @throws InvalidSettingException if it is not
	 */
	public long requirePositiveSize(long bytes, String example) {
		if (bytes <= 0) {
			throw invalid("must be greater than 0 (got " + bytes + ")", "Write a size such as " + example + ".");
		}
		return bytes;
	}

	/**
	 * Checks that a number is in a range.
	 * @param value the number
	 * @param min the smallest allowed
	 * @param max the greatest allowed, {@link Integer#MAX_VALUE} for no limit
	 * @return the same number
	 * @throws InvalidSettingException if it is not
	 */
	public int requireBetween(int value, int min, int max) {
		if (value < min || value > max) {
			String range = (max == Integer.MAX_VALUE) ? min + " or more" : min + " to " + max;
			throw invalid("is out of range (got " + value + ")", "Write a number: " + range + ".");
		}
		return value;
	}

}
