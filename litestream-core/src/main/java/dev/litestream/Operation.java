package dev.litestream;

/**
 * Work on a replica that takes a while and is worth observing.
 */
public enum Operation {

	/** A replica is written to a database file. */
	RESTORE,

	/** The whole database is written to the replica as one file. */
	SNAPSHOT,

	/** Files of the replica are merged into one of a higher level. */
	COMPACTION,

	/** A backup is restored to a temporary file and checked. */
	VERIFICATION

}
