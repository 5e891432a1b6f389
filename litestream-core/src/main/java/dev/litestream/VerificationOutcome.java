package dev.litestream;

/**
 * How a verification of a backup ended.
 */
public enum VerificationOutcome {

	/** The backup was restored, and everything that was looked at is as it should be. */
	VERIFIED,

	/** The backup does not restore, is damaged, or differs from the database. */
	FAILED,

	/**
	 * Nothing was proved either way: the replica was away, the disk too full, the
	 * database not replicating, the application stopping.
	 */
	SKIPPED

}
