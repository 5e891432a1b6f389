package dev.litestream;

import java.time.Duration;

/**
 * Something happened to a replicated database. Events are immutable and contain no
 * secrets. Those of one database come in the order in which things happened.
 */
public sealed interface ReplicationEvent {

	/**
	 * The database that it happened to.
	 * @return its name
	 */
	String database();

	/**
	 * A database was restored from its replica before the application opened it.
	 *
	 * @param database the database's name
	 * @param result what was restored
	 */
	record DatabaseRestored(String database, RestoreResult result) implements ReplicationEvent {

	}

	/**
	 * A database was registered with a running engine, and restored if it asked for that.
	 * There is no such event for databases that the engine was built with.
	 *
	 * @param source the database
	 */
	record DatabaseRegistered(ReplicatedDatabase source) implements ReplicationEvent {

		@Override
		public String database() {
			return this.source.name();
		}

	}

	/**
	 * A database was unregistered. It is stopped, closed, and no longer among
	 * {@link Litestream#databases()}.
	 *
	 * @param source the database
	 */
	record DatabaseUnregistered(ReplicatedDatabase source) implements ReplicationEvent {

		@Override
		public String database() {
			return this.source.name();
		}

	}

	/**
	 * Commits are being replicated, for the first time since replication was started.
	 *
	 * @param database the database's name
	 * @param txid the position from which the history continues
	 */
	record ReplicationStarted(String database, Txid txid) implements ReplicationEvent {

	}

	/**
	 * A sync could not continue from the last position and ships the difference to the
	 * whole database.
	 *
	 * @param database the database's name
	 * @param reason why
	 * @param txid the position of the resync
	 */
	record DatabaseResynced(String database, ResyncReason reason, Txid txid) implements ReplicationEvent {

	}

	/**
	 * A commit has been waiting for the replica longer than the engine's limit, which
	 * Spring Boot applications set by {@code litestream.health.max-lag}.
	 *
	 * @param database the database's name
	 * @param lag how long the oldest commit has been waiting
	 * @param maxLag the limit
	 */
	record LagExceeded(String database, Duration lag, Duration maxLag) implements ReplicationEvent {

	}

	/**
	 * No commit waits longer than the limit any more.
	 *
	 * @param database the database's name
	 */
	record LagRecovered(String database) implements ReplicationEvent {

	}

	/**
	 * The replica cannot be reached, or refuses requests.
	 *
	 * @param database the database's name
	 * @param reason why, as a sentence without secrets
	 */
	record ReplicaLost(String database, String reason) implements ReplicationEvent {

	}

	/**
	 * The replica answers again.
	 *
	 * @param database the database's name
	 */
	record ReplicaBack(String database) implements ReplicationEvent {

	}

	/**
	 * Files of the replica were merged into one of a higher level, which was read back.
	 *
	 * @param database the database's name
	 * @param file the merged file
	 */
	record LevelCompacted(String database, LtxFile file) implements ReplicationEvent {

	}

	/**
	 * A snapshot was written to the replica and read back.
	 *
	 * @param database the database's name
	 * @param file the snapshot
	 */
	record SnapshotWritten(String database, LtxFile file) implements ReplicationEvent {

	}

	/**
	 * The backup was restored to a temporary file and found good.
	 *
	 * @param database the database's name
	 * @param result what was found
	 */
	record BackupVerified(String database, VerificationResult result) implements ReplicationEvent {

	}

	/**
	 * The backup does not restore, is damaged, or differs from the database.
	 *
	 * @param database the database's name
	 * @param result what was found
	 */
	record BackupVerificationFailed(String database, VerificationResult result) implements ReplicationEvent {

	}

}
