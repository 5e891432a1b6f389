package dev.litestream;

import org.jspecify.annotations.Nullable;

/**
 * Told when an {@link Operation} has ended, on the thread on which it began.
 */
@FunctionalInterface
public interface OperationEnd {

	/** Does nothing. */
	OperationEnd IGNORED = (outcome, failure) -> {
	};

	/**
	 * The operation has ended.
	 * @param outcome how
	 * @param failure what it failed with, or {@code null} if that is no exception
	 */
	void ended(OperationOutcome outcome, @Nullable Throwable failure);

}
