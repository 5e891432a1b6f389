package dev.litestream;

/**
 * Why a sync could not continue from the last position.
 */
public enum ResyncReason {

	/** Nothing has been replicated before: the first image of the database. */
	FIRST_SYNC("the replica is empty"),

	/** The local spool is missing or unreadable. */
	LOCAL_STATE_LOST("the local spool is missing or unreadable"),

	/** The replica's newest position is ahead of the local one. */
	REPLICA_AHEAD("the replica is ahead of the local spool"),

	/** The replica lacks files that the local spool no longer has. */
	REPLICA_BEHIND("the replica lacks files that are no longer in the local spool"),

	/** The replica was emptied or recreated. */
	REPLICA_EMPTIED("the replica was emptied or recreated"),

	/**
	 * The replica's newest file is not the one that the local spool holds under its name.
	 */
	DIVERGED("the replica holds another history than the local spool"),

	/** The WAL was deleted or reset while replication was not running. */
	WAL_RESET("the WAL was reset while replication was not running"),

	/** The last frame synced is no longer in the WAL. */
	FRAME_MISMATCH("the last synced frame is no longer in the WAL"),

	/** The page size differs from that of the history. */
	PAGE_SIZE_CHANGED("the page size changed"),

	/** The database file was replaced by another one. */
	DATABASE_REPLACED("the database file was replaced"),

	/**
	 * SQLite's locks on the database file were lost: nothing kept other processes from
	 * restarting the WAL.
	 */
	LOCKS_LOST("SQLite's locks on the database were lost"),

	/**
	 * The database was just restored from the replica; only differing pages are shipped.
	 */
	RESTORED("the database was restored"),

	/** A verification found that the newest state does not restore. */
	BACKUP_DAMAGED("the backup was found not to restore");

	private final String explanation;

	ResyncReason(String explanation) {
		this.explanation = explanation;
	}

	/**
	 * The reason in words, for logs and status.
	 * @return a clause without a full stop
	 */
	public String explanation() {
		return this.explanation;
	}

}
