package dev.litestream.nats;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the client library tells about a connection: logged once, counted, and kept where
 * a request needs it. Safe for use by several threads.
 */
final class ConnectionEvents implements ConnectionListener, ErrorListener {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionEvents.class);

	private final String location;

	private final Consumer<String> authorizationRefused;

	private final AtomicBoolean down = new AtomicBoolean();

	private final AtomicLong losses = new AtomicLong();

	private final Runnable reconnected;

	private volatile @Nullable String violation;

	/**
	 * Listens to one connection.
	 * @param location where it leads, for messages
	 * @param authorizationRefused told when the server refuses the credentials
	 * @param reconnected told when a lost connection is there again
	 */
	ConnectionEvents(String location, Consumer<String> authorizationRefused, Runnable reconnected) {
		this.location = location;
		this.reconnected = reconnected;
		this.authorizationRefused = authorizationRefused;
	}

	/**
	 * How often the connection was lost. A request sent before the last loss may never be
	 * answered.
	 * @return the number of losses
	 */
	long losses() {
		return this.losses.get();
	}

	/**
	 * The refusal of a subject for lack of permission. The server sends it apart from the
	 * request, which then stays without an answer.
	 * @param subject the subject of a request
	 * @return the server's words, or {@code null} if the last refusal was for another
	 * subject
	 */
	@Nullable String violation(String subject) {
		String last = this.violation;
		return (last != null && last.contains('"' + subject + '"')) ? last : null;
	}

	void forgetViolation() {
		this.violation = null;
	}

	@Override
	@SuppressWarnings({ "deprecation", "removal" })
	public void connectionEvent(Connection connection, Events type) {
		switch (type) {
			case DISCONNECTED -> {
				// fires again on each failed attempt to reconnect
				if (this.down.compareAndSet(false, true)) {
					this.losses.incrementAndGet();
					logger.warn("Lost the connection to {}; reconnecting", this.location);
				}
			}
			case CLOSED -> {
				if (this.down.compareAndSet(false, true)) {
					this.losses.incrementAndGet();
				}
				logger.debug("Closed the connection to {}", this.location);
			}
			case CONNECTED -> {
				this.down.set(false);
				logger.debug("Connected to {}", this.location);
			}
			case RECONNECTED -> {
				this.down.set(false);
				logger.info("Connected to {} again", this.location);
				this.reconnected.run();
			}
			default -> logger.debug("Connection to {}: {}", this.location, type);
		}
	}

	@Override
	public void errorOccurred(Connection connection, String error) {
		if (error.startsWith("Permissions Violation")) {
			this.violation = error;
		}
		else if (error.startsWith("Authorization Violation")) {
			this.authorizationRefused.accept(error);
		}
		logger.debug("Server of {} reports: {}", this.location, error);
	}

	@Override
	public void exceptionOccurred(Connection connection, Exception exception) {
		logger.debug("Connection to {} failed", this.location, exception);
	}

	@Override
	public void slowConsumerDetected(Connection connection, io.nats.client.Consumer consumer) {
		logger.warn("Messages from {} arrive faster than they are read", this.location);
	}

}
