package dev.litestream.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import dev.litestream.ResyncReason;
import dev.litestream.RestoreResult;
import dev.litestream.Txid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells several listeners; what one throws is logged and keeps nothing from the others.
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
	public void registered(ReplicatedDatabase database) {
		tell((listener) -> listener.registered(database));
	}

	@Override
	public void unregistered(ReplicatedDatabase database) {
		tell((listener) -> listener.unregistered(database));
	}

	@Override
	public void restored(String database, RestoreResult result) {
		tell((listener) -> listener.restored(database, result));
	}

	@Override
	public void resync(String database, ResyncReason reason, Txid txid) {
		tell((listener) -> listener.resync(database, reason, txid));
	}

	@Override
	public void replicaLost(String database, String reason) {
		tell((listener) -> listener.replicaLost(database, reason));
	}

	@Override
	public void replicaBack(String database) {
		tell((listener) -> listener.replicaBack(database));
	}

	private void tell(Consumer<ReplicationListener> event) {
		for (ReplicationListener listener : this.listeners) {
			try {
				event.accept(listener);
			}
			catch (RuntimeException ex) {
				logger.warn("A replication listener failed", ex);
			}
		}
	}

}
