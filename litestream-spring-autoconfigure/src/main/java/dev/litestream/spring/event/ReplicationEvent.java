package dev.litestream.spring.event;

import org.springframework.context.event.EventListener;

/**
 * Something happened to a replicated database. Published as an application event, for
 * methods with {@link EventListener}, on the thread {@code litestream-events}: a listener
 * may take its time and may throw, replication goes on. Events of a database come in the
 * order in which things happened. Hold no secrets.
 */
public sealed interface ReplicationEvent
		permits BackupVerificationFailed, BackupVerified, DatabaseRestored, DatabaseResynced, LagExceeded, LagRecovered,
		LevelCompacted, ReplicaBack, ReplicaLost, ReplicationStarted, SnapshotWritten {

	/**
	 * The database that it happened to.
	 * @return its name
	 */
	String database();

}
