package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.litestream.nats.connection.Json;
import dev.litestream.nats.connection.MissingPermission;
import dev.litestream.nats.connection.Link;
import dev.litestream.nats.connection.SharedConnection;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Requests to JetStream with a deadline each. A request ends in an answer, in a
 * {@link JetStreamErrorException}, or in a {@link ReplicaUnavailableException}; after the
 * latter, unless it is a {@link NoRespondersException}, the request may still be carried
 * out. Thread-safe.
 */
final class JetStreamApi {

	private static final int NO_RESPONDERS = 503;

	/** How often a waiting request looks whether an answer can still come. */
	private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	/** After this the library forgets a request; waiting ends earlier. */
	private static final Duration FORGET = Duration.ofMinutes(10);

	private final SharedConnection shared;

	private final BucketUse options;

	private final Bucket bucket;

	private volatile StreamIdentity stream;

	JetStreamApi(SharedConnection shared, BucketUse options) {
		this.shared = shared;
		this.options = options;
		this.bucket = new Bucket(options.bucket(), options.jetStreamPrefix());
		this.stream = new StreamIdentity(this.bucket.stream(), null);
	}

	/** From now on takes acknowledgements of this stream alone. */
	void expect(StreamIdentity stream) {
		this.stream = stream;
	}

	BucketUse options() {
		return this.options;
	}

	Link link() throws IOException {
		return this.shared.connect();
	}

	/** How often a connection was made or made again. */
	long connects() {
		return this.shared.connects();
	}

	/** Asks and waits. */
	JsonValue request(String subject, String json) throws IOException {
		return json(await(send(subject, null, json.getBytes(StandardCharsets.UTF_8))));
	}

	/**
	 * Publishes and waits for the sequence under which our stream stored the message. The
	 * body is not copied.
	 */
	long publish(String subject, @Nullable Headers headers, byte[] body) throws IOException {
		return acknowledged(send(subject, headers, body));
	}

	long acknowledged(Request request) throws IOException {
		// not the library's PublishAck, which parses whatever came, however deep it is
		// nested
		JsonValue ack = json(await(request));
		this.stream.requireOwn(ack, this.options);
		long sequence = Json.number(ack, "seq");
		if (sequence <= 0) {
			throw new IOException("The NATS server acknowledged a message without its sequence");
		}
		return sequence;
	}

	/** Sends without waiting. The body is not copied. */
	Request send(String subject, @Nullable Headers headers, byte[] body) throws IOException {
		Link link = link();
		long losses = link.events().losses();
		Connection.Status status = link.connection().getStatus();
		if (status == Connection.Status.RECONNECTING || status == Connection.Status.DISCONNECTED) {
			// the library would refuse it too, but keep what it made for the answer
			throw disconnected(link, null);
		}
		try {
			return new Request(subject, link.connection().requestWithTimeout(subject, headers, body, FORGET), link,
					losses);
		}
		catch (IllegalStateException ex) {
			// disconnected, and nothing is buffered
			throw disconnected(link, ex);
		}
		catch (IllegalArgumentException ex) {
			throw new ReplicaRefusedException("The NATS server at " + this.options.location()
					+ " does not take messages of " + body.length + " bytes: raise its max_payload", ex);
		}
	}

	private ReplicaUnavailableException disconnected(Link link, @Nullable Throwable cause) {
		link.answers().disconnected(this.bucket::unserved);
		IOException problem = link.events().problem();
		return new ReplicaUnavailableException("There is no connection to " + this.options.location() + " at the moment"
				+ ((problem != null) ? ". " + problem.getMessage() : ""), cause);
	}

	/** Waits for the answer, from now on for the request timeout. */
	Message await(Request request) throws IOException {
		long deadline = System.nanoTime() + this.options.requestTimeout().toNanos();
		while (true) {
			long remaining = deadline - System.nanoTime();
			try {
				Message answer = request.future.get(Math.max(0, Math.min(remaining, LOOK_NANOS)), TimeUnit.NANOSECONDS);
				request.link.answers().answered();
				if (answer.isStatusMessage() && answer.getStatus().getCode() == NO_RESPONDERS) {
					throw noResponders(request);
				}
				return answer;
			}
			catch (TimeoutException ex) {
				try {
					request.checkAnswerable(this.options);
				}
				catch (IOException reason) {
					request.future.cancel(false);
					throw reason;
				}
				if (remaining <= 0) {
					request.future.cancel(false);
					request.link.silence().suspect();
					request.link.answers().unanswered(this.bucket::unserved);
					throw unanswered(ex);
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new InterruptedIOException("Interrupted while waiting for " + this.options.location());
			}
			catch (ExecutionException ex) {
				if (ex.getCause() instanceof JetStreamStatusException) {
					request.link.answers().answered();
					throw noResponders(request);
				}
				throw unanswered(ex.getCause());
			}
			catch (CancellationException ex) {
				throw unanswered(ex);
			}
		}
	}

	private NoRespondersException noResponders(Request request) {
		if (!request.link.connection().getServerInfo().isJetStreamAvailable()) {
			return new NoRespondersException(
					"JetStream does not answer at " + this.options.location() + ": the server runs without it now. "
							+ "Start nats-server with `-js` and the store_dir that holds the bucket");
		}
		return new NoRespondersException("Bucket '" + this.options.bucket() + "' at " + this.options.location()
				+ " does not answer at the moment: it has no leader, or does not exist");
	}

	private ReplicaUnavailableException unanswered(Throwable cause) {
		return new ReplicaUnavailableException(
				"The NATS server at " + this.options.location() + " did not answer in time", cause);
	}

	private static JsonValue json(Message answer) throws IOException {
		if (answer.isStatusMessage()) {
			// such as 429 of a stream that has too much to do: nothing was carried out
			throw new JetStreamErrorException(answer.getStatus().getCode(), 0, answer.getStatus().getMessage());
		}
		JsonValue value = Json.parse(answer.getData());
		JsonValue error = Json.member(value, "error");
		if (error != null) {
			throw new JetStreamErrorException((int) Json.number(error, "code"), (int) Json.number(error, "err_code"),
					Json.text(error, "description"));
		}
		return value;
	}

	JsonValue answer(Request request) throws IOException {
		return json(await(request));
	}

	/**
	 * A request on its way.
	 */
	static final class Request {

		private final String subject;

		private final CompletableFuture<Message> future;

		private final Link link;

		private final long losses;

		Request(String subject, CompletableFuture<Message> future, Link link, long losses) {
			this.subject = subject;
			this.future = future;
			this.link = link;
			this.losses = losses;
		}

		private void checkAnswerable(BucketUse options) throws IOException {
			if (this.future.isDone()) {
				return;
			}
			MissingPermission violation = this.link.events().violation(this.subject);
			if (violation != null) {
				this.link.events().forgetViolation(this.subject);
				throw new ReplicaRefusedException(violation.sentence(options.location()));
			}
			if (this.link.events().losses() != this.losses) {
				throw new ReplicaUnavailableException(
						"The connection to " + options.location() + " was lost before the answer came");
			}
		}

	}

}
