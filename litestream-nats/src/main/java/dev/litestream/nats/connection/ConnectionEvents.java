package dev.litestream.nats.connection;

import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the client library tells about a connection: logged once, counted, and kept where
 * a request needs it. Thread-safe.
 */
public final class ConnectionEvents implements ConnectionListener, ErrorListener {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionEvents.class);

	private final String location;

	private final ConnectionAccess access;

	private final Consumer<IOException> attemptRefused;

	/** A connection that ends so soon after it was made was perhaps cut off. */
	private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(30);

	private final AtomicBoolean down = new AtomicBoolean();

	/** When the connection was made the last time, or 0 before the first time. */
	private volatile long since;

	private volatile boolean lostSoon;

	/** When the connection was lost the last time. */
	private volatile Instant lostAt = Instant.now();

	private final AtomicLong losses = new AtomicLong();

	private final Refusals refusals = new Refusals();

	private volatile @Nullable MissingPermission repliesRefused;

	private volatile @Nullable IOException problem;

	private final Runnable reconnected;

	/**
	 * Listens to one connection. {@code attemptRefused} is told when a first connection
	 * cannot be made, {@code reconnected} when a lost one is there again.
	 */
	ConnectionEvents(ConnectionAccess access, Consumer<IOException> attemptRefused, Runnable reconnected) {
		this.location = access.location();
		this.access = access;
		this.attemptRefused = attemptRefused;
		this.reconnected = reconnected;
	}

	NatsTls tls() {
		return this.access.options().tls();
	}

	String verifiedName(String host) {
		return this.access.verifiedName(host);
	}

	/**
	 * Why there is no connection at the moment, as far as it is known.
	 * @return a refusal or an unavailability with a sentence, or {@code null}
	 */
	public @Nullable IOException problem() {
		return this.problem;
	}

	/**
	 * When the connection was lost the last time.
	 * @return the moment; of no meaning while there is a connection
	 */
	public Instant lostAt() {
		return this.lostAt;
	}

	/** Notes why an attempt to connect failed. */
	void failed(IOException reason) {
		IOException last = this.problem;
		if (last instanceof ReplicaRefusedException && !(reason instanceof ReplicaRefusedException)) {
			// what one server refuses says more than that another is away
			return;
		}
		this.problem = reason;
		if (this.since != 0 && this.down.get()
				&& (last == null || !String.valueOf(last.getMessage()).equals(reason.getMessage()))) {
			logger.warn("Cannot connect again: {}", reason.getMessage());
		}
	}

	/** Notes why an attempt failed that the library has not given up yet. */
	void refused(ReplicaRefusedException reason) {
		failed(reason);
		this.attemptRefused.accept(reason);
	}

	/** Another connection has taken the place of this one. */
	void abandoned() {
		if (this.down.compareAndSet(false, true)) {
			this.lostAt = Instant.now();
		}
		this.losses.incrementAndGet();
	}

	/**
	 * How often the connection was lost. A request sent before the last loss may never be
	 * answered.
	 * @return the number of losses
	 */
	public long losses() {
		return this.losses.get();
	}

	/**
	 * The refusal of a subject for lack of permission. The server sends it apart from the
	 * request, which then stays without an answer.
	 * @param subject the subject of a request
	 * @return what is missing, for the subject or for all answers, or {@code null} if
	 * nothing is
	 */
	public @Nullable MissingPermission violation(String subject) {
		MissingPermission missing = this.refusals.of(subject);
		return (missing != null) ? missing : this.repliesRefused;
	}

	/**
	 * Forgets the refusal of a subject once it was told: the next request may be
	 * permitted.
	 * @param subject the subject of the request
	 */
	public void forgetViolation(String subject) {
		this.refusals.forget(subject);
	}

	@Override
	@SuppressWarnings({ "deprecation", "removal" })
	public void connectionEvent(Connection connection, Events type) {
		switch (type) {
			case DISCONNECTED -> {
				// fires again on each failed attempt to reconnect
				if (this.down.compareAndSet(false, true)) {
					this.losses.incrementAndGet();
					this.lostAt = Instant.now();
					// permissions may be others after that
					this.repliesRefused = null;
					warnOfLoss();
				}
			}
			case CLOSED -> {
				if (this.down.compareAndSet(false, true)) {
					this.losses.incrementAndGet();
					this.lostAt = Instant.now();
				}
				logger.debug("Closed the connection to {}", this.location);
			}
			case CONNECTED -> {
				connected();
				logger.debug("Connected to {}", this.location);
			}
			case RECONNECTED -> {
				connected();
				logger.info("Connected to {} again", this.location);
				this.reconnected.run();
			}
			default -> logger.debug("Connection to {}: {}", this.location, type);
		}
	}

	private void connected() {
		this.down.set(false);
		this.problem = null;
		this.since = Math.max(1, System.nanoTime());
	}

	/** Of a connection that never was, whoever wanted it tells. */
	private void warnOfLoss() {
		if (this.since == 0) {
			logger.debug("No connection to {} yet", this.location);
			return;
		}
		boolean soon = System.nanoTime() - this.since < SOON_NANOS;
		if (soon && this.lostSoon) {
			logger.warn("Lost the connection to {} again, soon after it was made; reconnecting. If its log says"
					+ " 'Slow Consumer', raise max_pending in the configuration of the NATS server (64MB by default)",
					this.location);
		}
		else {
			logger.warn("Lost the connection to {}; reconnecting", this.location);
		}
		this.lostSoon = soon;
	}

	@Override
	public void errorOccurred(Connection connection, String error) {
		if (error.startsWith("Permissions Violation")) {
			MissingPermission missing = MissingPermission.parse(error);
			if (missing != null && missing.isForReplies()) {
				this.repliesRefused = missing;
			}
			else if (missing != null) {
				this.refusals.add(missing);
			}
		}
		else {
			ReplicaRefusedException refusal = this.access.refusal(error);
			if (refusal != null) {
				refused(refusal);
			}
		}
		logger.debug("Server of {} reports: {}", this.location, error);
	}

	@Override
	public void exceptionOccurred(Connection connection, Exception exception) {
		for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
			if (cause instanceof ReplicaRefusedException refusal) {
				failed(refusal);
			}
			else if (cause instanceof UnknownHostException) {
				failed(new ReplicaUnavailableException("No NATS server can be reached at " + this.location
						+ ": the name of its host is unknown (" + cause.getMessage() + ")"));
			}
		}
		logger.debug("Connection to {} failed", this.location, exception);
	}

	@Override
	public void slowConsumerDetected(Connection connection, io.nats.client.Consumer consumer) {
		logger.warn("Messages from {} arrive faster than they are read", this.location);
	}

}
