package dev.litestream.nats.connection;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A refusal for lack of permission, in the server's words, and the entry that its
 * configuration lacks.
 *
 * @param list the list of permissions, {@code publish} or {@code subscribe}
 * @param subject the subject that was refused
 * @param entry the subject to allow
 */
public record MissingPermission(String list, String subject, String entry) {

	private static final Pattern WORDS = Pattern
		.compile("Permissions Violation for (Publish|Subscription) to \"(\\S+)\"");

	/** A subject whose last tokens differ from time to time, and how to allow all. */
	private static final Pattern VARIABLE = Pattern
		.compile("(\\$O\\.[^.]+\\.[CM]|.*\\.CONSUMER\\.(?:MSG\\.NEXT|INFO|DELETE)\\.[^.]+)\\.[^.]+");

	private static final Pattern LONG_VARIABLE = Pattern
		.compile("(.*\\.CONSUMER\\.CREATE\\.[^.]+|.*\\.DIRECT\\.GET\\.[^.]+|_INBOX)\\..+");

	/**
	 * Reads the server's error; {@code null} if it is about something else.
	 */
	static @Nullable MissingPermission parse(String words) {
		Matcher matcher = WORDS.matcher(words);
		if (!matcher.find()) {
			return null;
		}
		boolean publish = matcher.group(1).equals("Publish");
		String subject = matcher.group(2);
		return new MissingPermission(publish ? "publish" : "subscribe", subject, entry(subject, publish));
	}

	private static String entry(String subject, boolean publish) {
		Matcher matcher = VARIABLE.matcher(subject);
		if (matcher.matches()) {
			return matcher.group(1) + ".*";
		}
		matcher = LONG_VARIABLE.matcher(subject);
		if (matcher.matches()) {
			return matcher.group(1) + ".>";
		}
		if (!publish) {
			// an inbox with a prefix of its own: <prefix>.<id>.*
			return subject.replaceFirst("\\.[^.]+(\\.\\*)?$", ".>");
		}
		return subject;
	}

	boolean isForReplies() {
		return this.list.equals("subscribe");
	}

	/**
	 * Says what to do.
	 * @param location the replica
	 * @return a sentence
	 */
	public String sentence(String location) {
		return "The NATS server at " + location + " does not permit its user to " + this.list + " to '" + this.subject
				+ "': add \"" + this.entry + "\" to the user's `permissions { " + this.list
				+ " { allow: [ ... ] } }` (docs/nats-permissions.md lists all that is needed)";
	}

}
