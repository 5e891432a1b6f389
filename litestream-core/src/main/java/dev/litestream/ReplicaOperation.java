package dev.litestream;

import java.time.Duration;

/**
 * What has been asked of a replica since the start, by kind.
 *
 * @param name {@code PUT}, {@code GET}, {@code LIST} or {@code DELETE}, as Litestream
 * calls them
 * @param succeeded how many succeeded
 * @param failed how many failed
 * @param bytes bytes of content moved; of a write that failed none, of a read what was
 * read
 * @param succeededIn time spent in those that succeeded
 * @param failedIn time spent in those that failed
 */
public record ReplicaOperation(String name, long succeeded, long failed, long bytes, Duration succeededIn,
		Duration failedIn) {

}
