package dev.litestream;

/**
 * What is checked in a restored database before it takes its name.
 */
public enum IntegrityCheck {

	/** Nothing beyond the checksums of the LTX files. */
	NONE,

	/** {@code PRAGMA quick_check}. */
	QUICK,

	/** {@code PRAGMA integrity_check}. */
	FULL

}
