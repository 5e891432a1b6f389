package dev.litestream;

/**
 * Hears what happens to databases. Called on the engine's threads, several at a time: a
 * listener must be thread-safe and return quickly. An exception is logged and changes
 * nothing.
 */
@FunctionalInterface
public interface ReplicationListener {

	/**
	 * Something happened.
	 * @param event what it is
	 */
	void onEvent(ReplicationEvent event);

	/**
	 * A long operation begins on this thread.
	 * @param database the database's name
	 * @param operation the operation
	 * @return called on the same thread when the operation ends
	 */
	default OperationEnd begun(String database, Operation operation) {
		return OperationEnd.IGNORED;
	}

}
