package dev.litestream.nats.connection;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Connection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection for all replicas on the same servers with the same credentials, closed
 * with the last of them. Thread-safe.
 */
public final class SharedConnection {

	private static final Logger logger = LoggerFactory.getLogger(SharedConnection.class);

	private static final Map<NatsConnectionOptions, SharedConnection> connections = new HashMap<>();

	private final NatsConnectionOptions options;

	private int users;

	private volatile @Nullable Link link;

	private boolean released;

	/** How often there was a connection, the first time included. */
	private final AtomicLong connects = new AtomicLong();

	private SharedConnection(NatsConnectionOptions options) {
		this.options = options;
	}

	private static SharedConnection create(NatsConnectionOptions options) {
		if (new ConnectionAccess(options).exposesSecret()) {
			logger.warn(
					"The {} for {} can be read by everybody on the way: write tls:// or set litestream.replica.tls=true",
					options.credentials(), options.location());
		}
		return new SharedConnection(options);
	}

	/**
	 * Takes part in the connection for these options, without connecting.
	 * @param options the options
	 * @return the connection, to be released once
	 */
	public static SharedConnection acquire(NatsConnectionOptions options) {
		synchronized (connections) {
			SharedConnection shared = connections.computeIfAbsent(options, SharedConnection::create);
			shared.users++;
			return shared;
		}
	}

	/**
	 * Ends a part in the connection; the last one closes it.
	 */
	public void release() {
		synchronized (connections) {
			if (--this.users > 0) {
				return;
			}
			connections.remove(this.options);
		}
		synchronized (this) {
			this.released = true;
			if (this.link != null) {
				this.link.close();
				this.link = null;
			}
		}
	}

	/**
	 * The connection, made now if there is none.
	 * @return the link, connected or reconnecting
	 * @throws ReplicaUnavailableException if no server can be reached
	 * @throws ReplicaRefusedException if the servers refuse the credentials
	 * @throws IOException if it fails otherwise
	 */
	public synchronized Link connect() throws IOException {
		if (this.released) {
			// a call that was under way when its client was closed
			throw new ReplicaUnavailableException("The connection to " + this.options.location() + " is closed");
		}
		Link current = this.link;
		if (current != null) {
			if (current.connection().getStatus() != Connection.Status.CLOSED) {
				return current;
			}
			// given up by the library, for example after a changed password
			current.close();
			this.link = null;
		}
		current = new ConnectionAttempt(this.options, this.connects::incrementAndGet).open();
		this.link = current;
		this.connects.incrementAndGet();
		return current;
	}

	/**
	 * The connection as it is.
	 * @return the link, or {@code null} if there is none
	 */
	public @Nullable Link current() {
		return this.link;
	}

	/**
	 * How often a connection was made or made again.
	 * @return the number of times
	 */
	public long connects() {
		return this.connects.get();
	}

}
