package dev.litestream;

import org.jspecify.annotations.Nullable;

/**
 * Called when an {@link Operation} has ended, on the thread on which it began.
 */
@FunctionalInterface
public interface OperationEnd {

	/** Does nothing. */
	OperationEnd IGNORED = (outcome, failure) -> {
	};

	/**
	 * The operation has ended.
	 * @param outcome how
	 * @param failure the exception it failed with, or {@code null} if there is none
	 */
	void ended(OperationOutcome outcome, @Nullable Throwable failure);

}
