package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import dev.litestream.nats.connection.Json;
import dev.litestream.replica.ForeignText;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Metadata of an object, as ADR-20 lays it out and Litestream writes it.
 * <p>
 * An object is a run of messages (chunks) on {@code $O.<bucket>.C.<nuid>}, in stream
 * order, and one message on {@code $O.<bucket>.M.<base64url(name)>} with the header
 * {@code Nats-Rollup: sub} and this JSON: <pre>
 * {"name":"ltx/0/0000000000000001-0000000000000001.ltx",
 *  "headers":{"Litestream-Timestamp":["2026-11-21T00:16:32.206Z"]},
 *  "options":{"max_chunk_size":131072},
 *  "bucket":"b1","nuid":"K4HK...","size":366,"mtime":"0001-01-01T00:00:00Z",
 *  "chunks":13,"digest":"SHA-256=l89d...="}
 * </pre> The digest is URL-safe base64 with padding; the timestamp is UTC without
 * trailing zeros; {@code mtime} is Go's zero. A deleted object has {@code "deleted":true}
 * and no size. Chunks may be of any size up to {@code max_chunk_size}.
 *
 * @param name the object's name
 * @param headers the object's headers
 * @param maxChunkSize largest chunk, in bytes; 0 if unknown
 * @param bucket the bucket's name
 * @param nuid the id of the put, last token of the chunks' subject
 * @param size size of the content, in bytes
 * @param chunks number of chunks
 * @param digest digest of the content; empty if unknown
 * @param deleted whether this is a tombstone
 * @param fault why nothing but the name is known, as a sentence with the cure, or
 * {@code null}
 */
record ObjectMeta(String name, Map<String, List<String>> headers, int maxChunkSize, String bucket, String nuid,
		long size, long chunks, String digest, boolean deleted, @Nullable String fault) {

	static final String TIMESTAMP_HEADER = "Litestream-Timestamp";

	/** Metadata of ours has a few hundred bytes. */
	private static final int LARGEST = 64 * 1024;

	/** Becomes a token of a subject, where other characters have a meaning. */
	private static final Pattern NUID = Pattern.compile("[A-Za-z0-9_-]{0,64}");

	private static final String GO_ZERO_TIME = "0001-01-01T00:00:00Z";

	ObjectMeta(String name, Map<String, List<String>> headers, int maxChunkSize, String bucket, String nuid, long size,
			long chunks, String digest, boolean deleted) {
		this(name, headers, maxChunkSize, bucket, nuid, size, chunks, digest, deleted, null);
	}

	/** The digest as metadata shows it. */
	static String digest(byte[] sha256) {
		return "SHA-256=" + Base64.getUrlEncoder().encodeToString(sha256);
	}

	static Map<String, List<String>> headers(Instant timestamp) {
		return Map.of(TIMESTAMP_HEADER, List.of(rfc3339(timestamp)));
	}

	/**
	 * Formats a time as Go's RFC3339Nano does: in UTC, without trailing zeros in the
	 * fraction.
	 */
	static String rfc3339(Instant time) {
		String seconds = time.truncatedTo(ChronoUnit.SECONDS).toString();
		if (time.getNano() == 0) {
			return seconds;
		}
		String fraction = String.format(Locale.ROOT, "%09d", time.getNano()).replaceFirst("0+$", "");
		return seconds.substring(0, seconds.length() - 1) + "." + fraction + "Z";
	}

	/**
	 * The timestamp that Litestream keeps in the headers; without one, when the server
	 * stored the metadata.
	 */
	Instant createdAt(Instant stored) {
		List<String> values = this.headers.getOrDefault(TIMESTAMP_HEADER, List.of());
		return values.isEmpty() ? stored : Instant.parse(values.get(0));
	}

	private void checkTimestamp() throws IOException {
		try {
			LevelFiles.nanos(createdAt(Instant.EPOCH));
		}
		catch (DateTimeException | ArithmeticException ex) {
			throw new IOException("The timestamp '" + ForeignText.shown(this.headers.get(TIMESTAMP_HEADER).get(0))
					+ "' of '" + ForeignText.shown(this.name)
					+ "' in the bucket is no time of a file, and a file whose time is unknown can neither be restored "
					+ "by time nor kept for as long as it should be: remove the object, or put it with a right "
					+ TIMESTAMP_HEADER, ex);
		}
	}

	static boolean isNuid(String text) {
		return NUID.matcher(text).matches();
	}

	boolean sameContent(ObjectMeta other) {
		return !this.digest.isEmpty() && this.digest.equals(other.digest) && this.size == other.size;
	}

	byte[] toJson() {
		StringBuilder json = new StringBuilder(400);
		json.append("{\"name\":").append(Json.quote(this.name)).append(",\"headers\":{");
		String separator = "";
		for (Map.Entry<String, List<String>> header : this.headers.entrySet()) {
			json.append(separator).append(Json.quote(header.getKey())).append(":[");
			json.append(String.join(",", header.getValue().stream().map(Json::quote).toList())).append(']');
			separator = ",";
		}
		json.append("},\"options\":{\"max_chunk_size\":").append(this.maxChunkSize);
		json.append("},\"bucket\":").append(Json.quote(this.bucket));
		json.append(",\"nuid\":").append(Json.quote(this.nuid));
		json.append(",\"size\":").append(this.size);
		json.append(",\"mtime\":\"").append(GO_ZERO_TIME);
		json.append("\",\"chunks\":").append(this.chunks);
		json.append(",\"digest\":").append(Json.quote(this.digest));
		return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Reads a message that should hold metadata. What does not, or has the name of
	 * another object than its subject, is metadata of the subject's object with a fault.
	 */
	static ObjectMeta of(Bucket bucket, String subject, long sequence, byte @Nullable [] json) {
		String reason;
		try {
			if (json != null && json.length > LARGEST) {
				throw new IOException("it has " + json.length + " bytes");
			}
			ObjectMeta meta = parse(json);
			if (bucket.meta(meta.name()).equals(subject)) {
				return meta;
			}
			reason = "it names '" + ForeignText.shown(meta.name()) + "'";
		}
		catch (IOException ex) {
			reason = String.valueOf(ex.getMessage());
		}
		String name = bucket.object(subject);
		return new ObjectMeta(name, Map.of(), 0, bucket.name(), "", 0, 0, "", false,
				"Bucket '" + bucket.name() + "' holds no metadata of '" + ForeignText.shown(name) + "' on its subject "
						+ ForeignText.shown(subject) + " (" + reason + "): remove that message with `nats stream rmm "
						+ bucket.stream() + " " + sequence + "`, and find out who has written it");
	}

	static ObjectMeta parse(byte @Nullable [] json) throws IOException {
		JsonValue value = Json.parse(json);
		Map<String, List<String>> headers = new LinkedHashMap<>();
		for (Map.Entry<String, JsonValue> header : Json.members(value, "headers").entrySet()) {
			List<String> values = new ArrayList<>();
			for (JsonValue element : Json.elements(header.getValue())) {
				if (element.string != null) {
					values.add(element.string);
				}
			}
			headers.put(header.getKey(), values);
		}
		String name = Json.text(value, "name");
		long size = Json.number(value, "size");
		long chunks = Json.number(value, "chunks");
		long maxChunkSize = Json.number(Json.member(value, "options"), "max_chunk_size");
		if (name.isEmpty() || size < 0 || chunks < 0 || maxChunkSize < 0 || maxChunkSize > Integer.MAX_VALUE
				|| !isNuid(Json.text(value, "nuid"))) {
			throw new IOException("The bucket holds metadata that is not an object's");
		}
		ObjectMeta meta = new ObjectMeta(name, headers, (int) maxChunkSize, Json.text(value, "bucket"),
				Json.text(value, "nuid"), size, chunks, Json.text(value, "digest"), Json.flag(value, "deleted"));
		meta.checkTimestamp();
		return meta;
	}

}
