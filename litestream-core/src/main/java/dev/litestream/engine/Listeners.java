package dev.litestream.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import dev.litestream.LtxFile;
import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.OperationOutcome;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import dev.litestream.ResyncReason;
import dev.litestream.RestoreResult;
import dev.litestream.Txid;
import dev.litestream.VerificationResult;
import org.jspecify.annotations.Nullable;
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
	public void resynced(String database, ResyncReason reason, Txid txid) {
		tell((listener) -> listener.resynced(database, reason, txid));
	}

	@Override
	public void verified(String database, VerificationResult result) {
		tell((listener) -> listener.verified(database, result));
	}

	@Override
	public void verificationFailed(String database, VerificationResult result) {
		tell((listener) -> listener.verificationFailed(database, result));
	}

	@Override
	public void replicaLost(String database, String reason) {
		tell((listener) -> listener.replicaLost(database, reason));
	}

	@Override
	public void replicaBack(String database) {
		tell((listener) -> listener.replicaBack(database));
	}

	@Override
	public void replicationStarted(String database, Txid txid) {
		tell((listener) -> listener.replicationStarted(database, txid));
	}

	@Override
	public void lagExceeded(String database, Duration lag, Duration maxLag) {
		tell((listener) -> listener.lagExceeded(database, lag, maxLag));
	}

	@Override
	public void lagRecovered(String database) {
		tell((listener) -> listener.lagRecovered(database));
	}

	@Override
	public void compacted(String database, LtxFile file) {
		tell((listener) -> listener.compacted(database, file));
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
