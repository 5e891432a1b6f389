package dev.litestream.spring;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The engine's events that wait to be published. The engine's threads, which may hold its
 * locks, only add them here. Thread-safe.
 */
public class ReplicationEvents implements ReplicationListener {

	private static final Log logger = LogFactory.getLog(ReplicationEvents.class);

	/** More wait only while a listener hangs. */
	private static final int CAPACITY = 1000;

	private final BlockingQueue<Optional<ReplicationEvent>> waiting = new LinkedBlockingQueue<>(CAPACITY);

	private boolean full;

	/** Waits for the next event; {@code null} if {@link #wake()} was called. */
	@Nullable ReplicationEvent next() throws InterruptedException {
		return this.waiting.take().orElse(null);
	}

	/** Lets {@link #next()} return once everything before this call is taken. */
	void wake() {
		// Where there is no room, nobody waits.
		this.waiting.offer(Optional.empty());
	}

	int size() {
		return this.waiting.size();
	}

	@Override
	public synchronized void onEvent(ReplicationEvent event) {
		boolean added = this.waiting.offer(Optional.of(event));
		if (!added && !this.full) {
			logger.warn("More than " + CAPACITY + " events are waiting because a listener is slow;"
					+ " further events are dropped, the first of them is " + event);
		}
		this.full = !added;
	}

}
