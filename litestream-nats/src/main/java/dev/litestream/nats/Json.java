package dev.litestream.nats;

import java.io.IOException;
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
final class Json {

	private Json() {
	}

	/**
	 * Quotes a text as Go's encoder does, which leaves the slash alone.
	 * @param text the text
	 * @return a JSON string
	 */
	static String quote(String text) {
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

	static JsonValue parse(byte @Nullable [] json) throws IOException {
		try {
			return JsonParser.parse((json != null) ? json : new byte[0]);
		}
		catch (JsonParseException | RuntimeException ex) {
			throw new IOException("The NATS server sent an answer that is not JSON", ex);
		}
	}

	static @Nullable JsonValue member(@Nullable JsonValue value, String key) {
		return (value == null || value.map == null) ? null : value.map.get(key);
	}

	static String text(@Nullable JsonValue value, String key) {
		JsonValue member = member(value, key);
		return (member == null || member.string == null) ? "" : member.string;
	}

	static long number(@Nullable JsonValue value, String key) {
		JsonValue member = member(value, key);
		return (member == null || member.number == null) ? 0 : member.number.longValue();
	}

	static boolean flag(@Nullable JsonValue value, String key) {
		JsonValue member = member(value, key);
		return member != null && Boolean.TRUE.equals(member.bool);
	}

	/**
	 * Reads a time as a server writes it.
	 * @param text the time
	 * @return the time
	 * @throws IOException if it is none: no other time may stand for it
	 */
	static Instant time(String text) throws IOException {
		try {
			return Instant.parse(text);
		}
		catch (DateTimeException ex) {
			throw new IOException("The NATS server sent the time " + quote(text) + ", which is none", ex);
		}
	}

	static Map<String, JsonValue> members(@Nullable JsonValue value, String key) {
		JsonValue member = member(value, key);
		return (member == null || member.map == null) ? Map.of() : member.map;
	}

	static List<JsonValue> elements(@Nullable JsonValue value) {
		return (value == null || value.array == null) ? List.of() : value.array;
	}

}
