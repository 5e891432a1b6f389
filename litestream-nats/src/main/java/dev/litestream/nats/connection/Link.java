package dev.litestream.nats.connection;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

import io.nats.client.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection with its events. Not for applications.
 *
 * @param connection the connection
 * @param events what became of it
 * @param threads its threads
 * @param silence leaves a server that does not answer
 * @param answers replaces a connection that is dead on our side
 */
public record Link(Connection connection, ConnectionEvents events, ConnectionThreads threads, SilentServer silence,
		AnswerWatch answers) {

	private static final Logger logger = LoggerFactory.getLogger(Link.class);

	private static final int CLOSE_MILLIS = 500;

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
		catch (OutOfMemoryError ex) {
			logger.warn("No thread could be started for the connection to NATS; this is tried again: {}",
					ex.getMessage());
			return false;
		}
	}

	void close() {
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
			close(this.connection);
		}
		this.threads.shutdown();
	}

	/**
	 * Gives up a dead connection: whoever waits for an answer hears of it at once. Its
	 * end may take long.
	 */
	void abandon() {
		this.events.abandoned();
		try {
			close(this.connection);
		}
		catch (RuntimeException ex) {
			logger.debug("A dead connection could not be closed", ex);
		}
		this.threads.shutdown();
	}

	/** Without waiting for what is left to send. */
	static void close(Connection connection) {
		try {
			connection.close();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
