package dev.litestream.nats.connection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection for all replicas on the same servers with the same credentials, closed
 * with the last of them. Safe for use by several threads.
 */
public final class SharedConnection {

	private static final Logger logger = LoggerFactory.getLogger(SharedConnection.class);

	private static final Map<Key, SharedConnection> connections = new HashMap<>();

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
		this.location = key.access.location();
	}

	private static SharedConnection create(Key key) {
		if (key.access.exposesSecret()) {
			logger.warn(
					"The {} for {} can be read by everybody on the way: write tls:// or set litestream.replica.tls=true",
					key.access.credentials(), key.access.location());
		}
		return new SharedConnection(key);
	}

	/**
	 * Takes part in the connection for these options, without connecting.
	 * @param options the options
	 * @return the connection, to be released once
	 */
	public static SharedConnection acquire(NatsReplicaOptions options) {
		synchronized (connections) {
			SharedConnection shared = connections.computeIfAbsent(Key.of(options), SharedConnection::create);
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
	public synchronized Link connect() throws IOException {
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

	private Link open() throws IOException {
		CompletableFuture<Connection> attempt = new CompletableFuture<>();
		ConnectionEvents events = new ConnectionEvents(this.key.access, attempt::completeExceptionally,
				this.connects::incrementAndGet);
		Threads threads = new Threads();
		Options options;
		try {
			options = options(events, threads);
		}
		catch (ReplicaRefusedException ex) {
			throw abandoned(attempt, threads, ex);
		}
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
			long limit = this.key.connectionTimeout.toMillis() * (this.key.access.servers().size() + 1);
			Connection connection = attempt.get(limit, TimeUnit.MILLISECONDS);
			return new Link(connection, events, threads, new SilentServer(connection, threads.pool, this.location));
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
			throw abandoned(attempt, threads, failure(ex.getCause(), events, threads));
		}
	}

	private IOException failure(Throwable cause, ConnectionEvents events, Threads threads) {
		threads.awaitCallbacks();
		if (cause instanceof ReplicaRefusedException refused) {
			return refused;
		}
		IOException problem = events.problem();
		if (problem instanceof ReplicaRefusedException) {
			return new ReplicaRefusedException(problem.getMessage(), cause);
		}
		if (problem != null) {
			return new ReplicaUnavailableException(problem.getMessage(), cause);
		}
		String hint = this.key.access.scheme().isWebSocket()
				? ": the port has to be that of the websocket block of its configuration" : "";
		return new ReplicaUnavailableException("No NATS server can be reached at " + this.location + hint, cause);
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

	private Options options(ConnectionEvents events, Threads threads) throws ReplicaRefusedException {
		Options.Builder builder = Options.builder()
			.connectionTimeout(this.key.connectionTimeout)
			.maxReconnects(this.key.maxReconnects)
			.reconnectWait(this.key.reconnectWait)
			.reconnectJitter(this.key.keepAlive.reconnectJitter())
			.reconnectJitterTls(this.key.keepAlive.reconnectJitter())
			.pingInterval(this.key.keepAlive.pingInterval())
			.maxPingsOut(this.key.keepAlive.maxPingsOut());
		this.key.access.servers(builder);
		if (this.key.customizer != null) {
			Options before = builder.build();
			// the library goes on with the same list
			List<URI> servers = List.copyOf(before.getServers());
			this.key.customizer.accept(this.key.access.servers(), builder);
			requireOwnAccess(before, servers, builder.build());
		}
		// what is published while disconnected must not be sent behind the caller's back
		builder.reconnectBufferSize(0)
			.requestCleanupInterval(CLEANUP_INTERVAL)
			.bufferSize(BUFFER_SIZE)
			.reportNoResponders()
			.advancedRequestBehavior()
			.connectionListener(events)
			.errorListener(events)
			.executor(threads.pool)
			.scheduledExecutor(threads.timer)
			.connectThreadFactory(threads.factory)
			.callbackExecutor(threads.callbacks);
		this.key.access.apply(builder, this.key.connectionName);
		return builder.build();
	}

	/**
	 * Refuses what would be set again and so be lost without a word.
	 */
	private static void requireOwnAccess(Options before, List<URI> servers, Options after)
			throws ReplicaRefusedException {
		if (!after.getServers().equals(servers) || after.getSslContext() != before.getSslContext()
				|| after.isTlsFirst() != before.isTlsFirst() || after.getAuthHandler() != null
				|| after.getUsernameChars() != null || after.getPasswordChars() != null
				|| after.getTokenChars() != null) {
			throw new ReplicaRefusedException("A customizer of NATS connections sets servers, TLS or credentials, which"
					+ " come from the settings of the replica alone: use litestream.replica.url, litestream.replica.ssl.bundle, litestream.replica.creds"
					+ " and the like, and remove that from the customizer");
		}
	}

	/**
	 * What makes two replicas share a connection.
	 */
	private record Key(ConnectionAccess access, String connectionName, Duration connectionTimeout, int maxReconnects,
			Duration reconnectWait, NatsKeepAlive keepAlive,
			@Nullable BiConsumer<List<String>, Options.Builder> customizer) {

		static Key of(NatsReplicaOptions options) {
			return new Key(ConnectionAccess.of(options), options.connectionName(), options.connectionTimeout(),
					options.maxReconnects(), options.reconnectWait(), options.keepAlive(),
					options.connectionCustomizer());
		}

		@Override
		public String toString() {
			return this.access.toString();
		}

	}

	/**
	 * A connection with its events.
	 *
	 * @param connection the connection
	 * @param events what became of it
	 * @param threads its threads
	 * @param silence leaves a server that does not answer
	 */
	public record Link(Connection connection, ConnectionEvents events, Threads threads, SilentServer silence) {

		/**
		 * Runs a task on a thread of the connection, if the connection is still in use.
		 * @param task the task
		 * @return whether it will run
		 */
		public boolean run(Runnable task) {
			try {
				this.threads.pool.execute(task);
				return true;
			}
			catch (RejectedExecutionException ex) {
				return false;
			}
		}

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
	public static final class Threads {

		private static final AtomicInteger numbers = new AtomicInteger();

		private final ThreadFactory factory = (task) -> {
			Thread thread = new Thread(task, "litestream-nats-" + numbers.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};

		private final ExecutorService pool = Executors.newCachedThreadPool(this.factory);

		/** One thread, so that the library's reports come in their order. */
		private final ExecutorService callbacks = Executors.newSingleThreadExecutor(this.factory);

		private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, this.factory);

		Threads() {
			this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
			this.timer.setRemoveOnCancelPolicy(true);
		}

		/** Waits until what the library has reported so far is heard. */
		private void awaitCallbacks() {
			try {
				this.callbacks.submit(() -> {
				}).get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			catch (ExecutionException | TimeoutException ex) {
				// then without the last reports
			}
		}

		private void shutdown() {
			this.pool.shutdown();
			this.callbacks.shutdown();
			this.timer.shutdown();
		}

	}

}
