package dev.litestream.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.OperationOutcome;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls several listeners. An exception of one is logged, and the others are still
 * called.
 */
final class Listeners implements ReplicationListener {

	private static final Logger logger = LoggerFactory.getLogger(Listeners.class);

	private final List<ReplicationListener> listeners;

	Listeners(List<ReplicationListener> listeners) {
		this.listeners = new CopyOnWriteArrayList<>(listeners);
	}

	void add(ReplicationListener listener) {
		this.listeners.add(listener);
	}

	@Override
	public void onEvent(ReplicationEvent event) {
		tell((listener) -> listener.onEvent(event));
	}

	@Override
	public OperationEnd begun(String database, Operation operation) {
		List<OperationEnd> ends = new ArrayList<>();
		tell((listener) -> ends.add(0, listener.begun(database, operation)));
		return (outcome, failure) -> ends.forEach((end) -> ended(end, outcome, failure));
	}

	private static void ended(OperationEnd end, OperationOutcome outcome, @Nullable Throwable failure) {
		try {
			end.ended(outcome, failure);
		}
		catch (RuntimeException ex) {
			logger.warn("A replication listener failed", ex);
		}
	}

	private void tell(Consumer<ReplicationListener> call) {
		for (ReplicationListener listener : this.listeners) {
			try {
				call.accept(listener);
			}
			catch (RuntimeException ex) {
				logger.warn("A replication listener failed", ex);
			}
		}
	}

}
