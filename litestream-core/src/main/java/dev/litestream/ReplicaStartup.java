package dev.litestream;

/**
 * What an application's start does about a replica that cannot be reached. A restore that
 * is due needs the replica in any case: an application never starts with an empty
 * database because its backup could not be reached.
 */
public enum ReplicaStartup {

	/**
	 * The application starts; commits are kept locally until the replica is there.
	 */
	CONTINUE,

	/**
	 * The start waits until the replica is there, without limit. A replica that refuses
	 * stops it.
	 */
	WAIT,

	/** The start fails. */
	FAIL

}
