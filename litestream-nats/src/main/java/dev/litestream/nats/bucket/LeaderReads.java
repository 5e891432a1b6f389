package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

import dev.litestream.nats.connection.Json;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Reads that the stream's leader answers, which knows every acknowledged write. Direct
 * gets and consumers may be served by a follower that does not: from those, "absent"
 * proves nothing. Thread-safe.
 */
final class LeaderReads {

	private final JetStreamApi api;

	private final Bucket bucket;

	LeaderReads(JetStreamApi api, Bucket bucket) {
		this.api = api;
		this.bucket = bucket;
	}

	/**
	 * An object's metadata, tombstones included, or {@code null} if there is none. If
	 * something else lies in its place, that is refused.
	 */
	@Nullable Stored meta(String object) throws IOException {
		return metaAnswer(requestMeta(this.bucket.meta(object)));
	}

	JetStreamApi.Request requestMeta(String metaSubject) throws IOException {
		return requestLast(metaSubject);
	}

	@Nullable Stored metaAnswer(JetStreamApi.Request request) throws IOException {
		Stored stored = anyMetaAnswer(request);
		String fault = (stored != null) ? stored.meta().fault() : null;
		if (fault != null) {
			throw new ReplicaRefusedException(fault);
		}
		return stored;
	}

	/**
	 * What is found in the place of metadata, whether or not it is metadata.
	 */
	@Nullable Stored anyMetaAnswer(JetStreamApi.Request request) throws IOException {
		JsonValue message = lastAnswer(request);
		if (message == null) {
			return null;
		}
		long sequence = Json.number(message, "seq");
		return new Stored(ObjectMeta.of(this.bucket, Json.text(message, "subject"), sequence, data(message)), sequence,
				Json.time(Json.text(message, "time")));
	}

	/**
	 * The content of the last message of a subject, or {@code null} if there is none.
	 */
	byte @Nullable [] last(String subject) throws IOException {
		JsonValue message = lastAnswer(requestLast(subject));
		return (message != null) ? data(message) : null;
	}

	private JetStreamApi.Request requestLast(String subject) throws IOException {
		return this.api.send(this.bucket.api("STREAM.MSG.GET"), null,
				("{\"last_by_subj\":" + Json.quote(subject) + "}").getBytes(StandardCharsets.UTF_8));
	}

	private @Nullable JsonValue lastAnswer(JetStreamApi.Request request) throws IOException {
		try {
			return Json.member(this.api.answer(request), "message");
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() == JetStreamErrorException.NO_MESSAGE_FOUND) {
				return null;
			}
			throw ex;
		}
	}

	private static byte[] data(JsonValue message) throws IOException {
		try {
			return Base64.getDecoder().decode(Json.text(message, "data"));
		}
		catch (IllegalArgumentException ex) {
			throw new IOException("The NATS server sent a message that is not in Base64", ex);
		}
	}

	/** Throws if the stream is not there, or does not answer. */
	void checkStream() throws IOException {
		this.api.request(this.bucket.api("STREAM.INFO"), "{}");
	}

	/** The state of the stream. */
	StreamState state() throws IOException {
		return StreamState.of(this.api.request(this.bucket.api("STREAM.INFO"), "{}"));
	}

	/**
	 * The first metadata, of whatever object, at or after a sequence, or {@code null} if
	 * there is none.
	 */
	@Nullable Stored nextMeta(long sequence) throws IOException {
		return anyMetaAnswer(this.api.send(this.bucket.api("STREAM.MSG.GET"), null,
				("{\"seq\":" + sequence + ",\"next_by_subj\":" + Json.quote(this.bucket.allMeta()) + "}")
					.getBytes(StandardCharsets.UTF_8)));
	}

	/**
	 * When the last message of a subject was stored, or {@code null} if there is none.
	 */
	@Nullable Instant lastTime(String subject) throws IOException {
		JsonValue message = lastAnswer(requestLast(subject));
		return (message != null) ? Json.time(Json.text(message, "time")) : null;
	}

	/**
	 * When the stream was created, as the server writes it: what tells it from another
	 * one of its name.
	 */
	String created() throws IOException {
		return Json.text(this.api.request(this.bucket.api("STREAM.INFO"), "{}"), "created");
	}

	/** Counts the messages of an object's chunks. */
	long chunks(String nuid) throws IOException {
		String subject = this.bucket.chunks(nuid);
		return subjects(subject).getOrDefault(subject, 0L);
	}

	/**
	 * All subjects of the stream that match a filter, with their number of messages.
	 */
	Map<String, Long> subjects(String filter) throws IOException {
		Map<String, Long> subjects = new HashMap<>();
		while (true) {
			JsonValue info = this.api.request(this.bucket.api("STREAM.INFO"),
					"{\"subjects_filter\":" + Json.quote(filter) + ",\"offset\":" + subjects.size() + "}");
			JsonValue state = Json.member(info, "state");
			Map<String, JsonValue> page = Json.members(state, "subjects");
			int before = subjects.size();
			page.keySet()
				.forEach((subject) -> subjects.put(subject, Json.number(Json.member(state, "subjects"), subject)));
			if (subjects.size() == before && !page.isEmpty()) {
				throw new ReplicaUnavailableException("The NATS server at " + this.api.options().location()
						+ " listed the same subjects again: others came or went meanwhile");
			}
			if (page.isEmpty() || subjects.size() >= Json.number(info, "total")) {
				return subjects;
			}
		}
	}

	/**
	 * Metadata with its place in the stream.
	 *
	 * @param meta the metadata
	 * @param sequence its sequence
	 * @param time when the server stored it
	 */
	record Stored(ObjectMeta meta, long sequence, Instant time) {

	}

}
