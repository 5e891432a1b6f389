package dev.litestream.nats.connection;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.nats.client.Connection;
import io.nats.client.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices a connection that has died on our side: an error, for want of memory for
 * example, or an interrupt has ended one of the client library's threads, which the
 * library does not replace. The connection counts as connected, or as reconnecting, and
 * nothing comes through it any more, for good. A server that is merely slow, or has no
 * leader, answers a ping and is left alone. Thread-safe.
 */
public final class AnswerWatch {

	private static final Logger logger = LoggerFactory.getLogger(AnswerWatch.class);

	/** Requests in a row without an answer. */
	private static final int UNANSWERED = 3;

	private static final Duration LONGEST_SILENCE = Duration.ofSeconds(2);

	private static final byte[] NOTHING = {};

	private final Connection connection;

	private final ConnectionEvents events;

	private final Executor executor;

	private final Duration patience;

	private final Replacement replacement;

	private final AtomicBoolean checking = new AtomicBoolean();

	private volatile int unanswered;

	private volatile Instant checked = Instant.EPOCH;

	/**
	 * Watches a connection. {@code patience} is the longest time that the library may
	 * need to connect again.
	 */
	AnswerWatch(Connection connection, ConnectionEvents events, Executor executor, Duration patience,
			Replacement replacement) {
		this.connection = connection;
		this.events = events;
		this.executor = executor;
		this.patience = patience;
		this.replacement = replacement;
	}

	/** A request was answered. */
	public void answered() {
		if (this.unanswered != 0) {
			this.unanswered = 0;
		}
	}

	/**
	 * A request had no answer in time.
	 * @param unserved makes a subject that this connection may publish to and nobody
	 * listens to: the server says so at once
	 */
	public void unanswered(Supplier<String> unserved) {
		// Not exact if many end at the same time, which does not matter.
		this.unanswered++;
		if (this.unanswered >= UNANSWERED) {
			check(unserved);
		}
	}

	/**
	 * There is no connection at the moment, and it was needed.
	 * @param unserved as for {@link #unanswered}
	 */
	public void disconnected(Supplier<String> unserved) {
		Instant due = this.events.lostAt().isAfter(this.checked) ? this.events.lostAt() : this.checked;
		if (Instant.now().isAfter(due.plus(this.patience))) {
			check(unserved);
		}
	}

	private void check(Supplier<String> unserved) {
		if (!this.checking.compareAndSet(false, true)) {
			return;
		}
		boolean given = false;
		try {
			this.executor.execute(() -> replaceIfDead(unserved));
			given = true;
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			// closed meanwhile, or the next request tries again
		}
		finally {
			if (!given) {
				this.checking.set(false);
			}
		}
	}

	private void replaceIfDead(Supplier<String> unserved) {
		try {
			if (isDead(unserved)) {
				// The new one proves that the server would answer. It may do so again.
				this.replacement.replace(this, () -> isDead(unserved));
			}
			this.unanswered = 0;
		}
		catch (RuntimeException | Error ex) {
			logger.error("The connection could not be checked; the next request without an answer tries again", ex);
		}
		finally {
			this.checked = Instant.now();
			this.checking.set(false);
		}
	}

	private boolean isDead(Supplier<String> unserved) {
		Connection.Status status = this.connection.getStatus();
		if (status != Connection.Status.CONNECTED) {
			// A closed one is replaced by whoever needs it.
			return status != Connection.Status.CLOSED;
		}
		long received = this.connection.getStatistics().getInMsgs();
		try {
			this.connection.flush(LONGEST_SILENCE);
		}
		catch (TimeoutException ex) {
			// a slow one, with much on its way to it, acknowledges something now and then
			return this.connection.getStatistics().getInMsgs() == received;
		}
		catch (IllegalStateException ex) {
			// lost meanwhile
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
		return isDeaf(unserved);
	}

	/**
	 * The server answers pings: whether its answers to requests arrive here and reach
	 * nobody.
	 */
	private boolean isDeaf(Supplier<String> unserved) {
		long received = this.connection.getStatistics().getInMsgs();
		try {
			CompletableFuture<Message> answer = this.connection.requestWithTimeout(unserved.get(), null, NOTHING,
					LONGEST_SILENCE);
			answer.get(LONGEST_SILENCE.toMillis(), TimeUnit.MILLISECONDS);
			return false;
		}
		catch (TimeoutException | CancellationException ex) {
			return this.connection.getStatistics().getInMsgs() != received;
		}
		catch (ExecutionException | IllegalStateException ex) {
			// "nobody listens" is an answer; or lost meanwhile
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/** Puts another connection in the place of one. */
	@FunctionalInterface
	interface Replacement {

		/**
		 * Makes a connection if that is possible. It takes the place of the watched one
		 * if that is still dead then, and is closed otherwise.
		 */
		void replace(AnswerWatch watched, BooleanSupplier dead);

	}

}
