package dev.litestream.nats;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import org.jspecify.annotations.Nullable;

/**
 * One connection for all replicas on the same servers with the same credentials, closed
 * with the last of them. Safe for use by several threads.
 */
final class SharedConnection {

	private static final Map<Key, SharedConnection> connections = new HashMap<>();

	private static final Duration PING_INTERVAL = Duration.ofSeconds(20);

	private static final Duration CLEANUP_INTERVAL = Duration.ofSeconds(1);

	private static final int BUFFER_SIZE = 512 * 1024;

	private static final int CLOSE_MILLIS = 500;

	private final Key key;

	private final String location;

	private int users;

	private volatile @Nullable Link link;

	private boolean released;

	/** How often there was a connection, the first time included. */
	private final AtomicLong connects = new AtomicLong();

	private SharedConnection(Key key) {
		this.key = key;
		this.location = "nats://" + String.join(",", key.servers);
	}

	/**
	 * Takes part in the connection for these options, without connecting.
	 * @param options the options
	 * @return the connection, to be released once
	 */
	static SharedConnection acquire(NatsReplicaOptions options) {
		synchronized (connections) {
			SharedConnection shared = connections.computeIfAbsent(Key.of(options), SharedConnection::new);
			shared.users++;
			return shared;
		}
	}

	/**
	 * Ends a part in the connection; the last one closes it.
	 */
	void release() {
		synchronized (connections) {
			if (--this.users > 0) {
				return;
			}
			connections.remove(this.key);
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
	synchronized Link connect() throws IOException {
		if (this.released) {
			// a call that was under way when its client was closed
			throw new ReplicaUnavailableException("The connection to " + this.location + " is closed");
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

	/**
	 * How often a connection was made or made again.
	 * @return the number of times
	 */
	long connects() {
		return this.connects.get();
	}

	private Link open() throws IOException {
		CompletableFuture<Connection> attempt = new CompletableFuture<>();
		ConnectionEvents events = new ConnectionEvents(this.location,
				(error) -> attempt.completeExceptionally(new AuthenticationException(error)),
				this.connects::incrementAndGet);
		Threads threads = new Threads();
		Options options = options(events, threads);
		threads.factory.newThread(() -> {
			try {
				Connection connection = Nats.connect(options);
				if (!attempt.complete(connection)) {
					connection.close();
				}
			}
			catch (IOException | RuntimeException ex) {
				attempt.completeExceptionally(ex);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				attempt.completeExceptionally(ex);
			}
		}).start();
		try {
			// a server that accepts and stays silent costs one time-out, the next another
			long limit = this.key.connectionTimeout.toMillis() * (this.key.servers.size() + 1);
			return new Link(attempt.get(limit, TimeUnit.MILLISECONDS), events, threads);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw abandoned(attempt, threads,
					new InterruptedIOException("Interrupted while connecting to " + this.location));
		}
		catch (TimeoutException ex) {
			throw abandoned(attempt, threads,
					new ReplicaUnavailableException("No NATS server answered in time at " + this.location));
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof AuthenticationException) {
				throw abandoned(attempt, threads, new ReplicaRefusedException("The NATS server at " + this.location
						+ " refuses the user or password: check replica.username and replica.password"));
			}
			throw abandoned(attempt, threads, new ReplicaUnavailableException(
					"No NATS server can be reached at " + this.location, ex.getCause()));
		}
	}

	private static <T extends IOException> T abandoned(CompletableFuture<Connection> attempt, Threads threads,
			T failure) {
		if (!attempt.completeExceptionally(failure) && !attempt.isCompletedExceptionally()) {
			close(attempt.join());
		}
		threads.shutdown();
		return failure;
	}

	private static void close(Connection connection) {
		try {
			connection.close();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Options options(ConnectionEvents events, Threads threads) {
		Options.Builder builder = Options.builder()
			.servers(this.key.servers.stream().map((server) -> "nats://" + server).toArray(String[]::new))
			.connectionName(this.key.connectionName)
			.connectionTimeout(this.key.connectionTimeout)
			.maxReconnects(this.key.maxReconnects)
			.reconnectWait(this.key.reconnectWait)
			// what is published while disconnected must not be sent behind the caller's
			// back
			.reconnectBufferSize(0)
			.pingInterval(PING_INTERVAL)
			.requestCleanupInterval(CLEANUP_INTERVAL)
			.bufferSize(BUFFER_SIZE)
			.reportNoResponders()
			.advancedRequestBehavior()
			.connectionListener(events)
			.errorListener(events)
			.executor(threads.pool)
			.scheduledExecutor(threads.timer)
			.connectThreadFactory(threads.factory)
			.callbackThreadFactory(threads.factory);
		if (this.key.username != null && this.key.password != null) {
			builder.userInfo(this.key.username.toCharArray(), this.key.password.toCharArray());
		}
		return builder.build();
	}

	/**
	 * What makes two replicas share a connection.
	 */
	private record Key(List<String> servers, @Nullable String username, @Nullable String password,
			String connectionName, Duration connectionTimeout, int maxReconnects, Duration reconnectWait) {

		static Key of(NatsReplicaOptions options) {
			return new Key(options.servers(), options.username(), options.password(), options.connectionName(),
					options.connectionTimeout(), options.maxReconnects(), options.reconnectWait());
		}

		@Override
		public String toString() {
			return String.join(",", this.servers);
		}

	}

	/**
	 * A connection with its events.
	 *
	 * @param connection the connection
	 * @param events what became of it
	 * @param threads its threads
	 */
	record Link(Connection connection, ConnectionEvents events, Threads threads) {

		private void close() {
			try {
				if (this.connection.getStatus() == Connection.Status.CONNECTED) {
					this.connection.flush(Duration.ofMillis(CLOSE_MILLIS));
				}
				this.connection.close();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			catch (TimeoutException | RuntimeException ex) {
				// what was left to send is lost, as in a crash
				closeNow();
			}
			this.threads.shutdown();
		}

		private void closeNow() {
			SharedConnection.close(this.connection);
		}

	}

	/**
	 * Daemon threads with names, so that a connection never keeps a JVM alive.
	 */
	static final class Threads {

		private static final AtomicInteger numbers = new AtomicInteger();

		private final ThreadFactory factory = (task) -> {
			Thread thread = new Thread(task, "litestream-nats-" + numbers.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};

		private final ExecutorService pool = Executors.newCachedThreadPool(this.factory);

		private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, this.factory);

		Threads() {
			this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
			this.timer.setRemoveOnCancelPolicy(true);
		}

		private void shutdown() {
			this.pool.shutdown();
			this.timer.shutdown();
		}

	}

}
