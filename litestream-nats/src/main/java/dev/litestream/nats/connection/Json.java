package dev.litestream.nats.connection;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The little JSON that requests and metadata need. Absent members read as empty, zero or
 * {@code false}.
 */
public final class Json {

	private static final int DEEPEST = 64;

	private static final int MOST_DIGITS = 64;

	/** A whole number of 64 bits has no more. */
	private static final int LONG_DIGITS = 19;

	private Json() {
	}

	/**
	 * Quotes a text as Go's encoder does, which leaves the slash alone.
	 * @param text the text
	 * @return a JSON string
	 */
	public static String quote(String text) {
		StringBuilder json = new StringBuilder(text.length() + 2).append('"');
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c == '"' || c == '\\') {
				json.append('\\').append(c);
			}
			else if (c < ' ' || c == '<' || c == '>' || c == '&') {
				json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
			}
			else {
				json.append(c);
			}
		}
		return json.append('"').toString();
	}

	/**
	 * Parses what the server sent, or a message of a bucket, which anybody may have
	 * written: depth and numbers are bounded before anything is made of them.
	 * @param json the text
	 * @return the value
	 * @throws IOException if it is not JSON, or not within the bounds
	 */
	public static JsonValue parse(byte @Nullable [] json) throws IOException {
		byte[] text = (json != null) ? json : new byte[0];
		requireBounded(text);
		try {
			return JsonParser.parse(text);
		}
		catch (JsonParseException | RuntimeException ex) {
			throw new IOException("The NATS server sent an answer that is not JSON", ex);
		}
	}

	/** The library's parser recurses, and makes numbers of any length. */
	private static void requireBounded(byte[] json) throws IOException {
		int depth = 0;
		int digits = 0;
		boolean quoted = false;
		for (int i = 0; i < json.length; i++) {
			byte b = json[i];
			if (quoted) {
				if (b == '\\') {
					i++;
				}
				quoted = b != '"';
				continue;
			}
			quoted = b == '"';
			depth += (b == '[' || b == '{') ? 1 : (b == ']' || b == '}') ? -1 : 0;
			digits = (b >= '0' && b <= '9') ? digits + 1 : 0;
			if (depth > DEEPEST || digits > MOST_DIGITS) {
				throw new IOException("The NATS server sent JSON that is nested more than " + DEEPEST
						+ " levels deep, or holds a number of more than " + MOST_DIGITS + " digits");
			}
		}
	}

	public static @Nullable JsonValue member(@Nullable JsonValue value, String key) {
		return (value == null || value.map == null) ? null : value.map.get(key);
	}

	public static String text(@Nullable JsonValue value, String key) {
		JsonValue member = member(value, key);
		return (member == null || member.string == null) ? "" : member.string;
	}

	/**
	 * A whole number.
	 * @param value an object
	 * @param key the member
	 * @return the number, or -1 if it is no whole number of 64 bits
	 */
	public static long number(@Nullable JsonValue value, String key) {
		JsonValue member = member(value, key);
		if (member == null || member.number == null) {
			return 0;
		}
		if (member.number instanceof Integer || member.number instanceof Long) {
			return member.number.longValue();
		}
		try {
			BigDecimal number = new BigDecimal(member.number.toString());
			// else its digits would be written out first
			boolean fits = (long) number.precision() - number.scale() <= LONG_DIGITS;
			return fits ? number.longValueExact() : -1;
		}
		catch (ArithmeticException | NumberFormatException ex) {
			return -1;
		}
	}

	public static boolean flag(@Nullable JsonValue value, String key) {
		JsonValue member = member(value, key);
		return member != null && Boolean.TRUE.equals(member.bool);
	}

	/**
	 * Reads a time as a server writes it.
	 * @param text the time
	 * @return the time
	 * @throws IOException if it is none: no other time may stand for it
	 */
	public static Instant time(String text) throws IOException {
		try {
			return Instant.parse(text);
		}
		catch (DateTimeException ex) {
			throw new IOException("The NATS server sent the time " + quote(text) + ", which is none", ex);
		}
	}

	public static Map<String, JsonValue> members(@Nullable JsonValue value, String key) {
		JsonValue member = member(value, key);
		return (member == null || member.map == null) ? Map.of() : member.map;
	}

	public static List<JsonValue> elements(@Nullable JsonValue value) {
		return (value == null || value.array == null) ? List.of() : value.array;
	}

}
