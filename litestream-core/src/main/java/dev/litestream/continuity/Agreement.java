package dev.litestream.continuity;

/** What the replica's newest file is to the spool's file of that position. */
public enum Agreement {

	/** The spool has the same. */
	SAME,

	/** The spool has another one of that position. */
	ANOTHER,

	/** It has come from here, but is damaged now. */
	DAMAGED,

	/** It is damaged, and nothing says whether it has come from here. */
	UNREADABLE,

	/**
	 * The spool has none of that position. That is no sign that it came from here.
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
