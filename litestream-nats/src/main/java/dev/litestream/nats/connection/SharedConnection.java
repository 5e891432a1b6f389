package dev.litestream.nats.connection;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

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
		current = open();
		this.link = current;
		this.connects.incrementAndGet();
		return current;
	}

	private Link open() throws IOException {
		return new ConnectionAttempt(this.options, this.connects::incrementAndGet, this::replace).open();
	}

	/**
	 * Requests go on through the dead connection until another one is there.
	 */
	private void replace(AnswerWatch watched, BooleanSupplier dead) {
		Link made;
		try {
			made = open();
		}
		catch (IOException ex) {
			// it is the server: the old one works again as soon as the server does
			logger.debug("The connection to {} is not replaced", this.options.location(), ex);
			return;
		}
		Link replaced = dead.getAsBoolean() ? swap(watched, made) : null;
		if (replaced == null) {
			made.close();
			return;
		}
		logger.warn("No answers came through the connection to {} any more, although the server takes a new one: a"
				+ " thread of the NATS client has ended, as happens when memory is short (OutOfMemoryError). The"
				+ " connection was replaced", this.options.location());
		replaced.abandon();
	}

	private synchronized @Nullable Link swap(AnswerWatch watched, Link made) {
		Link current = this.link;
		if (this.released || current == null || current.answers() != watched) {
			return null;
		}
		this.link = made;
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
