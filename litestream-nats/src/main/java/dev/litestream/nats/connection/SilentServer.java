package dev.litestream.nats.connection;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import io.nats.client.Connection;
import io.nats.client.ForceReconnectOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves a server that keeps its connection and says nothing: stopped, swapping or cut
 * off. The library's own pings need a minute for that. Where there is no other server to
 * go to, the connection stays, and works again as soon as the server does. Thread-safe.
 */
public final class SilentServer {

	private static final Logger logger = LoggerFactory.getLogger(SilentServer.class);

	private static final Duration LONGEST_SILENCE = Duration.ofSeconds(2);

	private final Connection connection;

	private final Executor executor;

	private final String location;

	private final AtomicBoolean checking = new AtomicBoolean();

	SilentServer(Connection connection, Executor executor, String location) {
		this.connection = connection;
		this.executor = executor;
		this.location = location;
	}

	/**
	 * A request had no answer in time: finds out, apart from the caller, whether the
	 * server says anything at all.
	 */
	public void suspect() {
		if (this.connection.getStatus() != Connection.Status.CONNECTED || this.connection.getServers().size() < 2
				|| !this.checking.compareAndSet(false, true)) {
			return;
		}
		try {
			this.executor.execute(this::leaveIfSilent);
		}
		catch (RejectedExecutionException ex) {
			// closed meanwhile
			this.checking.set(false);
		}
	}

	private void leaveIfSilent() {
		long received = this.connection.getStatistics().getInMsgs();
		try {
			this.connection.flush(LONGEST_SILENCE);
		}
		catch (TimeoutException ex) {
			// a slow one, with much on its way to it, acknowledges something now and then
			if (this.connection.getStatistics().getInMsgs() == received) {
				leave();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (IllegalStateException ex) {
			// lost or closed meanwhile, which is no silence
		}
		finally {
			this.checking.set(false);
		}
	}

	private void leave() {
		if (this.connection.getStatus() != Connection.Status.CONNECTED) {
			return;
		}
		logger.warn("The NATS server {} of {} says nothing any more; going to another",
				this.connection.getConnectedUrl(), this.location);
		try {
			this.connection.forceReconnect(ForceReconnectOptions.FORCE_CLOSE_INSTANCE);
		}
		catch (IOException ex) {
			logger.debug("The connection to {} could not be made anew", this.location, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
