package dev.litestream.nats.connection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;

/**
 * Makes a connection within a bounded time, or says why there is none.
 */
final class ConnectionAttempt {

	private static final int RECONNECTS = 3;

	private final NatsConnectionOptions options;

	private final ConnectionAccess access;

	private final Runnable reconnected;

	private final AnswerWatch.Replacement replacement;

	ConnectionAttempt(NatsConnectionOptions options, Runnable reconnected, AnswerWatch.Replacement replacement) {
		this.options = options;
		this.access = new ConnectionAccess(options);
		this.reconnected = reconnected;
		this.replacement = replacement;
	}

	Link open() throws IOException {
		CompletableFuture<Connection> attempt = new CompletableFuture<>();
		ConnectionEvents events = new ConnectionEvents(this.access, attempt::completeExceptionally, this.reconnected);
		ConnectionThreads threads = new ConnectionThreads();
		Options options;
		try {
			options = LibraryOptions.of(this.options, events, threads);
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
			Connection connection = attempt.get(limit().toMillis(), TimeUnit.MILLISECONDS);
			return new Link(connection, events, threads,
					new SilentServer(connection, threads.pool, this.options.location()),
					new AnswerWatch(connection, events, threads.pool, patience(), this.replacement));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw abandoned(attempt, threads,
					new InterruptedIOException("Interrupted while connecting to " + this.options.location()));
		}
		catch (TimeoutException ex) {
			throw abandoned(attempt, threads,
					new ReplicaUnavailableException("No NATS server answered in time at " + this.options.location()));
		}
		catch (ExecutionException ex) {
			throw abandoned(attempt, threads, failure(ex.getCause(), events, threads));
		}
	}

	/**
	 * A server that accepts and stays silent costs one time-out, the next another.
	 */
	private Duration limit() {
		return this.options.timeout().multipliedBy(this.options.servers().size() + 1L);
	}

	/** Within this time the library has tried to connect again several times. */
	private Duration patience() {
		return limit().plus(this.options.reconnectWait())
			.plus(this.options.keepAlive().reconnectJitter())
			.multipliedBy(RECONNECTS);
	}

	private IOException failure(Throwable cause, ConnectionEvents events, ConnectionThreads threads) {
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
		String hint = this.options.scheme().isWebSocket()
				? ": the port has to be that of the websocket block of its configuration" : "";
		return new ReplicaUnavailableException("No NATS server can be reached at " + this.options.location() + hint,
				cause);
	}

	private static <T extends IOException> T abandoned(CompletableFuture<Connection> attempt, ConnectionThreads threads,
			T failure) {
		if (!attempt.completeExceptionally(failure) && !attempt.isCompletedExceptionally()) {
			Link.close(attempt.join());
		}
		threads.shutdown();
		return failure;
	}

}
