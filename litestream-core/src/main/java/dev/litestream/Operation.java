package dev.litestream;

/**
 * What takes a replica and an engine a while, and is worth being watched.
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
