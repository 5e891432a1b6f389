package dev.litestream;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The result of one verification of a backup.
 *
 * @param outcome how it ended
 * @param newest whether the newest state was to be verified, rather than an older point
 * @param txid the position that was or should have been restored, or {@code null} if it
 * did not get that far
 * @param timestamp when that position was written, or {@code null} if it was not restored
 * @param compared whether every page was compared with the live database at the same
 * position
 * @param at when it ended
 * @param took how long it took
 * @param detail what was found, in a sentence
 */
public record VerificationResult(VerificationOutcome outcome, boolean newest, @Nullable Txid txid,
		@Nullable Instant timestamp, boolean compared, Instant at, Duration took, String detail) {

}
