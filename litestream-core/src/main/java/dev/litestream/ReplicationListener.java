package dev.litestream;

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
	default void resync(String database, ResyncReason reason, Txid txid) {
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
