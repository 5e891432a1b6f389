package dev.litestream;

import java.time.Duration;

/**
 * The requests made of a replica since the start, of one kind.
 *
 * @param name {@code PUT}, {@code GET}, {@code LIST} or {@code DELETE}, as Litestream
 * calls them
 * @param succeeded how many succeeded
 * @param failed how many failed
 * @param bytes bytes of content moved; a failed write counts none, a failed read the
 * bytes that it read
 * @param succeededIn time spent in those that succeeded
 * @param failedIn time spent in those that failed
 */
public record ReplicaOperation(String name, long succeeded, long failed, long bytes, Duration succeededIn,
		Duration failedIn) {

}
