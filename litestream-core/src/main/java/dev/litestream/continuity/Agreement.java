package dev.litestream.continuity;

/** How the replica's newest file compares with the spool's file of that position. */
public enum Agreement {

	/** The spool has the same file. */
	SAME,

	/** The spool has a different file of that position. */
	ANOTHER,

	/** It came from here, but is damaged now. */
	DAMAGED,

	/** It is damaged, and it is not known whether it came from here. */
	UNREADABLE,

	/**
	 * The spool has no file of that position. That does not show that it came from here.
	 */
	UNKNOWN;

	/**
	 * Whether another writer's file may be there.
	 * @return whether the two histories may have parted
	 */
	public boolean isDiverged() {
		return this == ANOTHER || this == UNREADABLE;
	}

}
