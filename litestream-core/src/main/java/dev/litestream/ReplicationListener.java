package dev.litestream;

import java.time.Duration;

/**
 * Told of what happens to a database. Called on the engine's threads: return quickly;
 * what a listener throws is logged and changes nothing.
 */
public interface ReplicationListener {

	/**
	 * A database was restored from its replica.
	 * @param database the database's name
	 * @param result what was restored
	 */
	default void restored(String database, RestoreResult result) {
	}

	/**
	 * A sync could not continue from the last position and ships the difference to the
	 * whole database.
	 * @param database the database's name
	 * @param reason why
	 * @param txid the position that the resync gets
	 */
	default void resynced(String database, ResyncReason reason, Txid txid) {
	}

	/**
	 * A database was registered while the engine exists, and is restored if it asked for
	 * it. Not told of those that the engine was built with.
	 * @param database the database
	 */
	default void registered(ReplicatedDatabase database) {
	}

	/**
	 * A database was unregistered: it is stopped, closed and no longer among
	 * {@link Litestream#databases()}.
	 * @param database the database
	 */
	default void unregistered(ReplicatedDatabase database) {
	}

	/**
	 * A backup was restored to a temporary file and found good.
	 * @param database the database's name
	 * @param result what was found
	 */
	default void verified(String database, VerificationResult result) {
	}

	/**
	 * A backup does not restore, is damaged, or differs from the database.
	 * @param database the database's name
	 * @param result what was found
	 */
	default void verificationFailed(String database, VerificationResult result) {
	}

	/**
	 * Commits are being replicated, for the first time since replication started.
	 * @param database the database's name
	 * @param txid the position from which the history goes on
	 */
	default void replicationStarted(String database, Txid txid) {
	}

	/**
	 * A commit has been waiting for the replica longer than the engine's limit.
	 * @param database the database's name
	 * @param lag how long
	 * @param maxLag the limit
	 */
	default void lagExceeded(String database, Duration lag, Duration maxLag) {
	}

	/**
	 * No commit waits longer than the limit any more.
	 * @param database the database's name
	 */
	default void lagRecovered(String database) {
	}

	/**
	 * A compaction, or a snapshot if it is of level 9, was written and read back.
	 * @param database the database's name
	 * @param file the file
	 */
	default void compacted(String database, LtxFile file) {
	}

	/**
	 * A long operation begins on this thread.
	 * @param database the database's name
	 * @param operation what begins
	 * @return told on the same thread when it ends
	 */
	default OperationEnd begun(String database, Operation operation) {
		return OperationEnd.IGNORED;
	}

	/**
	 * The replica cannot be reached or refuses.
	 * @param database the database's name
	 * @param reason why, in a sentence without secrets
	 */
	default void replicaLost(String database, String reason) {
	}

	/**
	 * The replica answers again.
	 * @param database the database's name
	 */
	default void replicaBack(String database) {
	}

}
