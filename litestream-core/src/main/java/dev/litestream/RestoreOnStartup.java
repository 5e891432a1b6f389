package dev.litestream;

/**
 * Whether a database is restored from its replica before the application opens it.
 */
public enum RestoreOnStartup {

	/**
	 * Restore if the database file does not exist. A replica without a backup is fine.
	 */
	IF_MISSING,

	/**
	 * Restore if the database file does not exist, and refuse to start if the replica
	 * holds no backup then.
	 */
	REQUIRED,

	/** Never restore. */
	NEVER,

	/**
	 * Replace the database by the replica's newest state at every start; the old files
	 * are kept aside.
	 */
	ALWAYS

}
