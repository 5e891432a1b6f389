package dev.litestream.nats.connection;

import java.util.regex.Pattern;

import dev.litestream.Setting;
import org.jspecify.annotations.Nullable;

/**
 * What subjects begin with, as a setting gives it. Not for applications.
 */
public final class SubjectPrefix {

	private static final Pattern SUBJECT = Pattern.compile("[^\\s.*>\"]+(\\.[^\\s.*>\"]+)*");

	private SubjectPrefix() {
	}

	/**
	 * Refuses a prefix that begins no subject.
	 * @param prefix the prefix, or {@code null} for none
	 * @param setting the setting's name
	 * @param example what it could be
	 * @throws dev.litestream.InvalidSettingException if it cannot be used
	 */
	public static void check(@Nullable String prefix, String setting, String example) {
		if (prefix != null && !SUBJECT.matcher(prefix).matches()) {
			throw new Setting(setting).invalid("has the value '" + prefix + "', which cannot be used",
					"Use a subject without wildcards, such as " + example + ".");
		}
	}

	/**
	 * A prefix as NATS tools write it, with or without a dot at its end.
	 * @param prefix the prefix, or {@code null} for none
	 * @return the prefix without the dot
	 */
	public static @Nullable String withoutDot(@Nullable String prefix) {
		return (prefix != null && prefix.endsWith(".")) ? prefix.substring(0, prefix.length() - 1) : prefix;
	}

}
