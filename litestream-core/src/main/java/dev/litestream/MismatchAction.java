package dev.litestream;

/**
 * What to do if a database is not a continuation of the history in its replica: an empty
 * file that was created before it could be restored, another application's, an older
 * copy, or a replica that another application has written to.
 */
public enum MismatchAction {

	/**
	 * Replicate nothing and say so. Nothing is lost in the replica, and nothing in the
	 * database.
	 */
	FAIL,

	/**
	 * Go on from the database as it is: the difference becomes the replica's newest
	 * state. What the replica held before can be restored for as long as its retention
	 * keeps it.
	 */
	RESYNC

}
