package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import dev.litestream.nats.connection.Json;
import dev.litestream.nats.connection.MissingPermission;
import dev.litestream.nats.connection.Link;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.Subscription;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * An ephemeral consumer whose messages are pulled, so that only a bounded number of bytes
 * is ever on its way: a consumer that is pushed to can make the server drop the whole
 * connection. Every message counts itself; a gap in the counts is an exception. For one
 * thread.
 */
final class PullConsumer implements AutoCloseable {

	/** Deliver all messages of the subject. */
	static final String ALL = "\"deliver_policy\":\"all\"";

	/** Deliver the last message of each subject. */
	static final String LAST_PER_SUBJECT = "\"deliver_policy\":\"last_per_subject\"";

	private static final long FULL_PAUSE_MILLIS = 200;

	private static final int PULL_MESSAGES = 4096;

	/** Bytes of one pull; two of them are under way at most. */
	private static final long PULL_BYTES = 2 * 1024 * 1024;

	private static final long LARGEST_PULL_BYTES = 128 * 1024 * 1024;

	private static final Duration LOOK = Duration.ofMillis(100);

	private static final long INACTIVE_NANOS = Duration.ofMinutes(5).toNanos();

	/** The longest time until all servers know of a consumer. */
	private static final long INTEREST_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	private static final int NO_RESPONDERS = 503;

	private static final int HEARTBEAT = 100;

	/** A pull ended before its messages had come; the text says why. */
	private static final int ENDED_EARLY = 409;

	/** The next message would be more than the pull's bytes. */
	private static final String TOO_LARGE = "Message Size Exceeds MaxBytes";

	/** The pull has had its bytes. */
	private static final String COMPLETED = "Batch Completed";

	/** The pull asked for more than the consumer may give. */
	private static final String EXCEEDED = "Exceeded ";

	/** How many messages a pull was still to get when it ended. */
	private static final String PENDING_MESSAGES = "Nats-Pending-Messages";

	private final JetStreamApi api;

	private final Link link;

	private final long losses;

	private final String nextSubject;

	private final String infoSubject;

	private final String deleteSubject;

	private final long created = System.nanoTime();

	private final Subscription subscription;

	private final String pullLimit;

	/** Messages of one pull. */
	private final int pullMessages;

	private final long largestPullBytes;

	/** The answers to a pull come to this subject and its number. */
	private final String inbox;

	private final Pulls pulls = new Pulls();

	private long pullBytes;

	private long pending;

	private long received;

	/**
	 * Creates a consumer of a subject, which may hold wildcards; delivers {@link #ALL},
	 * {@link #LAST_PER_SUBJECT} or {@link #from(long)}. If {@code wait}, a pull waits for
	 * messages that are not there yet.
	 */
	PullConsumer(JetStreamApi api, Bucket bucket, String filter, String deliver, boolean wait) throws IOException {
		this.api = api;
		this.link = api.link();
		this.losses = this.link.events().losses();
		String name = NUID.nextGlobal();
		this.nextSubject = bucket.api("CONSUMER.MSG.NEXT") + "." + name;
		this.infoSubject = bucket.api("CONSUMER.INFO") + "." + name;
		this.deleteSubject = bucket.api("CONSUMER.DELETE") + "." + name;
		JsonValue info = create(bucket, name, filter, deliver);
		JsonValue config = Json.member(info, "config");
		this.pending = Json.number(info, "num_pending");
		this.pullMessages = (int) atMost(config, "max_batch", PULL_MESSAGES);
		this.largestPullBytes = atMost(config, "max_bytes", LARGEST_PULL_BYTES);
		this.pullBytes = Math.min(PULL_BYTES, this.largestPullBytes);
		long expires = atMost(config, "max_expires", api.options().requestTimeout().toNanos());
		this.pullLimit = wait ? "\"expires\":" + expires : "\"no_wait\":true";
		try {
			this.inbox = this.link.connection().createInbox() + ".";
			this.subscription = this.link.connection().subscribe(this.inbox + "*");
		}
		catch (IllegalStateException ex) {
			throw lost(ex);
		}
	}

	/**
	 * Others may have taken all consumers that the bucket allows: each file that
	 * Litestream restores is one, for some seconds.
	 */
	private JsonValue create(Bucket bucket, String name, String filter, String deliver) throws IOException {
		long deadline = System.nanoTime() + 2 * this.api.options().requestTimeout().toNanos();
		while (true) {
			try {
				return request(bucket, name, filter, deliver);
			}
			catch (JetStreamErrorException ex) {
				if (ex.code() != JetStreamErrorException.MAXIMUM_CONSUMERS || System.nanoTime() - deadline > 0) {
					throw ex;
				}
			}
			try {
				TimeUnit.MILLISECONDS.sleep(FULL_PAUSE_MILLIS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new InterruptedIOException("Interrupted while waiting for a consumer of " + bucket.stream());
			}
		}
	}

	private JsonValue request(Bucket bucket, String name, String filter, String deliver) throws IOException {
		String request = bucket.api("CONSUMER.CREATE") + "." + name + "." + filter;
		String json = "{\"stream_name\":" + Json.quote(bucket.stream()) + ",\"config\":{\"name\":" + Json.quote(name)
				+ "," + deliver + ",\"ack_policy\":\"none\",\"filter_subject\":" + Json.quote(filter)
				+ ",\"replay_policy\":\"instant\",\"num_replicas\":1,\"mem_storage\":true";
		try {
			return this.api.request(request, json + ",\"inactive_threshold\":" + INACTIVE_NANOS + "}}");
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() != JetStreamErrorException.INACTIVE_THRESHOLD_EXCEEDED) {
				throw ex;
			}
			// the stream's consumer_limits allow less: without a wish they are the answer
			return this.api.request(request, json + "}}");
		}
	}

	/** A limit of the consumer's, which the server has set if it has one. */
	private static long atMost(@Nullable JsonValue config, String key, long wanted) {
		long limit = Json.number(config, key);
		return (limit > 0) ? Math.min(limit, wanted) : wanted;
	}

	/** Deliver from a sequence on. */
	static String from(long sequence) {
		return "\"deliver_policy\":\"by_start_sequence\",\"opt_start_seq\":" + sequence;
	}

	/** Messages that the server still has for this consumer, as of its last word. */
	long pending() {
		return this.pending;
	}

	/** Messages that arrived here. */
	long received() {
		return this.received;
	}

	/**
	 * Waits for a message, or returns {@code null} if the server said that there is none
	 * now. Throws {@link ConsumerLostException} if the consumer has to be created again.
	 */
	@Nullable Message next() throws IOException {
		long timeout = this.api.options().requestTimeout().toNanos();
		long asked = System.nanoTime();
		long deadline = asked + timeout;
		while (true) {
			if (!pull()) {
				return null;
			}
			Message message = poll();
			if (message == null) {
				if (this.link.events().losses() != this.losses) {
					throw lost(null);
				}
				MissingPermission violation = this.link.events().violation(this.nextSubject);
				if (violation != null) {
					throw new ReplicaRefusedException(violation.sentence(this.api.options().location()));
				}
				if (System.nanoTime() - deadline > 0) {
					throw new ReplicaUnavailableException(
							"The NATS server at " + this.api.options().location() + " stopped sending messages: "
									+ this.received + " came, " + this.pending + " more are there");
				}
				if (System.nanoTime() - asked > timeout / 4) {
					forgetUnknownPulls();
					asked = System.nanoTime();
				}
			}
			else if (!message.isStatusMessage()) {
				accept(message.metaData());
				return message;
			}
			else if (!carriesOn(message)) {
				return null;
			}
		}
	}

	private boolean pull() throws IOException {
		int count = this.pulls.next(this.pending, this.pullMessages);
		while (count > 0) {
			Pulls.Pull pull = this.pulls.add(count);
			try {
				this.link.connection()
					.publish(this.nextSubject, this.inbox + pull.number(),
							("{\"batch\":" + count + ",\"max_bytes\":" + this.pullBytes + "," + this.pullLimit + "}")
								.getBytes(StandardCharsets.UTF_8));
			}
			catch (IllegalStateException ex) {
				throw lost(ex);
			}
			count = this.pulls.next(this.pending, this.pullMessages);
		}
		return !this.pulls.isEmpty();
	}

	/**
	 * A pull that got lost, or its last status, is not waited for: asks the server
	 * whether it knows of any.
	 */
	private void forgetUnknownPulls() throws IOException {
		JsonValue info = this.api.request(this.infoSubject, "");
		if (Json.number(info, "num_waiting") == 0) {
			this.pending = Json.number(info, "num_pending");
			this.pulls.forget();
		}
	}

	private @Nullable Message poll() throws IOException {
		try {
			return this.subscription.nextMessage(LOOK);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("Interrupted while reading from " + this.api.options().location());
		}
		catch (IllegalStateException ex) {
			throw lost(ex);
		}
	}

	private void accept(NatsJetStreamMetaData metaData) throws IOException {
		if (metaData.consumerSequence() != this.received + 1) {
			throw lost(null);
		}
		this.received++;
		this.pending = metaData.pendingCount();
		this.pulls.delivered();
	}

	/**
	 * Takes note of a status. But for heartbeats it ends the pull that it answers.
	 * Statuses may overtake messages, which are counted when they come.
	 */
	private boolean carriesOn(Message message) throws IOException {
		int status = message.getStatus().getCode();
		if (status == HEARTBEAT) {
			return true;
		}
		if (status == NO_RESPONDERS && !awaitInterest()) {
			throw lost(null);
		}
		String reason = (message.getStatus().getMessage() != null) ? message.getStatus().getMessage() : "";
		boolean tooLarge = reason.equals(TOO_LARGE);
		if (status == ENDED_EARLY && !tooLarge && !reason.equals(COMPLETED)) {
			throw ended(reason);
		}
		Pulls.Pull ended = this.pulls.at(message.getSubject().substring(this.inbox.length()));
		if (ended == null) {
			// it is complete already
			return true;
		}
		int undelivered = undelivered(message, ended);
		if (tooLarge && undelivered == ended.count()) {
			// one message is larger than a whole pull
			if (this.pullBytes == this.largestPullBytes) {
				throw new ReplicaRefusedException("The NATS server at " + this.api.options().location()
						+ " hands out no messages of more than " + this.pullBytes + " bytes, and stores one that is"
						+ " larger: raise max_bytes of its consumers");
			}
			this.pullBytes = Math.min(2 * this.pullBytes, this.largestPullBytes);
		}
		this.pulls.ended(ended, undelivered);
		return status == NO_RESPONDERS || status == ENDED_EARLY || !this.pulls.isEmpty();
	}

	/**
	 * How many messages of a pull will not come. A pull that had all is ended by a status
	 * as well, if it was bounded by bytes.
	 */
	private static int undelivered(Message status, Pulls.Pull ended) {
		String pending = (status.getHeaders() != null) ? status.getHeaders().getFirst(PENDING_MESSAGES) : null;
		try {
			return (pending != null) ? Math.min(Integer.parseInt(pending), ended.left()) : ended.left();
		}
		catch (NumberFormatException ex) {
			return ended.left();
		}
	}

	/**
	 * Waits a little for a new consumer: the server that has made it answers before all
	 * others of the cluster know that it listens.
	 */
	private boolean awaitInterest() throws IOException {
		if (this.received > 0 || System.nanoTime() - this.created > INTEREST_NANOS
				|| this.link.events().losses() != this.losses) {
			return false;
		}
		try {
			TimeUnit.NANOSECONDS.sleep(PAUSE_NANOS);
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("Interrupted while reading from " + this.api.options().location());
		}
	}

	/** Asks the server whether everything it has for this consumer has arrived here. */
	boolean isExhausted() throws IOException {
		JsonValue info = this.api.request(this.infoSubject, "");
		this.pending = Json.number(info, "num_pending");
		return this.pending == 0 && Json.number(Json.member(info, "delivered"), "consumer_seq") == this.received;
	}

	/** The consumer is gone or elsewhere, or it refuses to be asked like this. */
	private IOException ended(String reason) {
		if (reason.startsWith(EXCEEDED)) {
			return new ReplicaRefusedException("The NATS server at " + this.api.options().location()
					+ " refuses to hand out messages (" + reason + "): raise that limit of its consumers");
		}
		return new ConsumerLostException(
				"Reading from " + this.api.options().location() + " broke off (" + reason + ")", null);
	}

	private ConsumerLostException lost(@Nullable Throwable cause) {
		return new ConsumerLostException("Reading from " + this.api.options().location() + " broke off", cause);
	}

	@Override
	public void close() {
		try {
			this.subscription.unsubscribe();
			this.api.send(this.deleteSubject, null, new byte[0]);
		}
		catch (IllegalStateException | IOException ex) {
			// the server removes it when it has been idle long enough
		}
	}

}
