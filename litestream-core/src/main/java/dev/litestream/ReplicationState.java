package dev.litestream;

/**
 * What the replication of one database is doing.
 */
public enum ReplicationState {

	/** Registered, not started. */
	STOPPED,

	/** Started; the database file does not exist yet or is empty. */
	WAITING_FOR_DATABASE,

	/** Started; the first sync has not reached the replica. */
	STARTING,

	/** Commits are being replicated. */
	REPLICATING,

	/**
	 * The replica cannot be reached or refuses; retried with backoff, commits are kept
	 * locally.
	 */
	REPLICA_UNAVAILABLE,

	/**
	 * Replication has stopped for good, for example because another writer owns the
	 * replica.
	 */
	FAILED

}
