package dev.litestream.spool;

/**
 * What the last stop, or a kill, has left of a database, seen before anybody opens it.
 */
public enum StateLeft {

	/** Nothing tells that commits are missing. */
	UNSUSPICIOUS,

	/** The WAL is older than the commits replicated from it. */
	OLDER_WAL,

	/**
	 * There is no WAL, and the file lacks pages of the newest commit that was replicated
	 * from it: unless somebody has written to the file since the last checkpoint, they
	 * went with the WAL.
	 */
	WITHOUT_WAL,

	/** There is no WAL, but the file holds the newest commit that was replicated. */
	CHECKPOINTED

}
