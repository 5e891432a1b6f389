package dev.litestream.spring;

import java.util.concurrent.TimeUnit;

import dev.litestream.ReplicationEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Publishes {@link ReplicationEvents} in their order, on its own thread. Starts before
 * replication does, when all listeners are known, so that what was restored before is
 * published, too; stops after it. Can be started again after a stop.
 */
public class ReplicationEventPublisher implements SmartLifecycle {

	/** Phase: starts before replication, stops after it. */
	public static final int PHASE = LitestreamLifecycle.PHASE - 1;

	private static final Log logger = LogFactory.getLog(ReplicationEventPublisher.class);

	/** How long a stop waits for listeners. */
	private static final long STOP_MILLIS = TimeUnit.SECONDS.toMillis(5);

	private final ReplicationEvents events;

	private final ApplicationEventPublisher publisher;

	private volatile boolean running;

	private @Nullable Thread thread;

	/**
	 * Creates a publisher, not started.
	 * @param events what to publish
	 * @param publisher where
	 */
	public ReplicationEventPublisher(ReplicationEvents events, ApplicationEventPublisher publisher) {
		this.events = events;
		this.publisher = publisher;
	}

	@Override
	public synchronized void start() {
		if (!this.running) {
			this.running = true;
			Thread thread = new Thread(this::publishAll, "litestream-events");
			thread.setDaemon(true);
			thread.start();
			this.thread = thread;
		}
	}

	private void publishAll() {
		try {
			while (this.running || this.events.size() > 0) {
				ReplicationEvent event = this.events.next();
				if (event != null) {
					publish(event);
				}
			}
		}
		catch (InterruptedException ex) {
			// stopped; events that still wait are lost
		}
	}

	private void publish(ReplicationEvent event) {
		try {
			this.publisher.publishEvent(event);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener of " + event + " failed", ex);
		}
	}

	@Override
	public synchronized void stop() {
		this.running = false;
		Thread thread = this.thread;
		this.thread = null;
		this.events.wake();
		if (thread == null || thread == Thread.currentThread()) {
			return;
		}
		try {
			thread.join(STOP_MILLIS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (thread.isAlive()) {
			logger.warn(
					"A listener of a replication event does not end; events that wait are lost: " + this.events.size());
			thread.interrupt();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
