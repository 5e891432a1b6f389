package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import dev.litestream.nats.connection.Json;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads that any server with a copy of the stream answers. What they find is right; what
 * they do not find may exist all the same. Thread-safe.
 */
final class DirectReads {

	private final JetStreamApi api;

	private final Bucket bucket;

	DirectReads(JetStreamApi api, Bucket bucket) {
		this.api = api;
		this.bucket = bucket;
	}

	/**
	 * The last message of a subject, or {@code null} if it was not found.
	 */
	@Nullable Found last(String subject) throws IOException {
		return found(this.bucket.api("DIRECT.GET") + "." + subject, "");
	}

	/**
	 * The first message of a subject, or {@code null} if it was not found.
	 */
	@Nullable Found first(String subject) throws IOException {
		return found(this.bucket.api("DIRECT.GET"), "{\"seq\":1,\"next_by_subj\":" + Json.quote(subject) + "}");
	}

	private @Nullable Found found(String request, String json) throws IOException {
		Message message;
		try {
			message = this.api.await(this.api.send(request, null, json.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoRespondersException ex) {
			// the bucket does not allow direct gets
			return null;
		}
		Headers headers = message.getHeaders();
		String sequence = (headers != null) ? headers.getFirst("Nats-Sequence") : null;
		if (message.isStatusMessage() || sequence == null) {
			return null;
		}
		try {
			return new Found(message.getData(), Long.parseLong(sequence));
		}
		catch (NumberFormatException ex) {
			throw new IOException("The NATS server sent a message without its sequence", ex);
		}
	}

	/**
	 * A message.
	 *
	 * @param data its content
	 * @param sequence its sequence in the stream
	 */
	record Found(byte[] data, long sequence) {

	}

}
