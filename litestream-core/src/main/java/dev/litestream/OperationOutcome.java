package dev.litestream;

/**
 * How an {@link Operation} ended.
 */
public enum OperationOutcome {

	/** It did what it should. */
	SUCCEEDED,

	/** It failed, or a verification found the backup bad. */
	FAILED,

	/** There was nothing to do, or it could not be carried out. */
	SKIPPED

}
