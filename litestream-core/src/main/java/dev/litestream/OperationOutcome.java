package dev.litestream;

/**
 * How an {@link Operation} ended.
 */
public enum OperationOutcome {

	/** It succeeded. */
	SUCCEEDED,

	/** It failed, or a verification found the backup bad. */
	FAILED,

	/** There was nothing to do, or it could not run. */
	SKIPPED

}
