package dev.litestream.spring;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import dev.litestream.LtxFile;
import dev.litestream.ReplicationListener;
import dev.litestream.ResyncReason;
import dev.litestream.RestoreResult;
import dev.litestream.Txid;
import dev.litestream.VerificationResult;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spring.event.BackupVerificationFailed;
import dev.litestream.spring.event.BackupVerified;
import dev.litestream.spring.event.DatabaseRestored;
import dev.litestream.spring.event.DatabaseResynced;
import dev.litestream.spring.event.LagExceeded;
import dev.litestream.spring.event.LagRecovered;
import dev.litestream.spring.event.LevelCompacted;
import dev.litestream.spring.event.ReplicaBack;
import dev.litestream.spring.event.ReplicaLost;
import dev.litestream.spring.event.ReplicationEvent;
import dev.litestream.spring.event.ReplicationStarted;
import dev.litestream.spring.event.SnapshotWritten;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the engine tells, as events that wait to be published. The engine's threads, which
 * may hold its locks, only put them here. Safe for use by several threads.
 */
public class ReplicationEvents implements ReplicationListener {

	private static final Log logger = LogFactory.getLog(ReplicationEvents.class);

	/** More wait only while a listener hangs. */
	private static final int CAPACITY = 1000;

	private final BlockingQueue<Optional<ReplicationEvent>> waiting = new LinkedBlockingQueue<>(CAPACITY);

	private boolean full;

	/**
	 * Waits for the next event.
	 * @return the event, or {@code null} if {@link #wake()} was called
	 */
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

	private synchronized void add(ReplicationEvent event) {
		boolean added = this.waiting.offer(Optional.of(event));
		if (!added && !this.full) {
			logger.warn("More than " + CAPACITY + " events wait because a listener takes long; new ones are lost,"
					+ " the first one is " + event);
		}
		this.full = !added;
	}

	@Override
	public void restored(String database, RestoreResult result) {
		add(new DatabaseRestored(database, result));
	}

	@Override
	public void replicationStarted(String database, Txid txid) {
		add(new ReplicationStarted(database, txid));
	}

	@Override
	public void lagExceeded(String database, Duration lag, Duration maxLag) {
		add(new LagExceeded(database, lag, maxLag));
	}

	@Override
	public void lagRecovered(String database) {
		add(new LagRecovered(database));
	}

	@Override
	public void resynced(String database, ResyncReason reason, Txid txid) {
		add(new DatabaseResynced(database, reason, txid));
	}

	@Override
	public void replicaLost(String database, String reason) {
		add(new ReplicaLost(database, reason));
	}

	@Override
	public void replicaBack(String database) {
		add(new ReplicaBack(database));
	}

	@Override
	public void verified(String database, VerificationResult result) {
		add(new BackupVerified(database, result));
	}

	@Override
	public void verificationFailed(String database, VerificationResult result) {
		add(new BackupVerificationFailed(database, result));
	}

	@Override
	public void compacted(String database, LtxFile file) {
		add((file.level() == ReplicaClient.SNAPSHOT_LEVEL) ? new SnapshotWritten(database, file)
				: new LevelCompacted(database, file));
	}

}
