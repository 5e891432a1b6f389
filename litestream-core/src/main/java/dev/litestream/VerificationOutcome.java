package dev.litestream;

/**
 * How a verification of a backup ended.
 */
public enum VerificationOutcome {

	/** The backup was restored and everything that was checked is right. */
	VERIFIED,

	/** The backup does not restore, is damaged, or differs from the database. */
	FAILED,

	/**
	 * Nothing was proved either way: the replica was not reachable, the disk too full,
	 * the database not replicating, or the application stopping.
	 */
	SKIPPED

}
