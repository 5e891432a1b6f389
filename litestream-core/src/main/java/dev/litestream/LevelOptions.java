package dev.litestream;

import java.time.Duration;
import java.util.List;

/**
 * How a replica's files are merged as they age, and which of them are kept. The defaults
 * are Litestream's.
 *
 * @param intervals how often files of the level below are merged, for level 1 and up; one
 * to eight, each longer than the one before
 * @param snapshotInterval how often the whole database is written as one file, level 9
 * @param snapshotRetention how long any point in time stays restorable, in steps that
 * grow with age
 * @param l0Retention how long each single sync stays restorable; zero for ever
 * @param l0RetentionCheckInterval the shortest time between two rounds that delete files
 * @param retentionEnabled whether files of the replica are deleted at all
 */
public record LevelOptions(List<Duration> intervals, Duration snapshotInterval, Duration snapshotRetention,
		Duration l0Retention, Duration l0RetentionCheckInterval, boolean retentionEnabled) {

	/** The most levels between the raw files and the snapshots. */
	public static final int MAX_LEVELS = 8;

	/** Litestream's defaults. */
	public static final LevelOptions DEFAULTS = new LevelOptions(
			List.of(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofHours(1)), Duration.ofHours(24),
			Duration.ofHours(24), Duration.ofMinutes(5), Duration.ofSeconds(15), true);

	/**
	 * Checks the values.
	 * @throws IllegalArgumentException if a value cannot work, in a sentence that names
	 * the setting
	 */
	public LevelOptions {
		intervals = List.copyOf(intervals);
		if (intervals.isEmpty() || intervals.size() > MAX_LEVELS) {
			throw new IllegalArgumentException(
					"levels must have 1 to " + MAX_LEVELS + " entries (got " + intervals.size() + ")");
		}
		Duration before = Duration.ZERO;
		for (int i = 0; i < intervals.size(); i++) {
			positive("levels[" + i + "].interval", intervals.get(i));
			if (intervals.get(i).compareTo(before) <= 0) {
				throw new IllegalArgumentException("levels[" + i + "].interval must be longer than that of the level"
						+ " before (got " + intervals.get(i) + " after " + before + ")");
			}
			before = intervals.get(i);
		}
		positive("litestream.snapshot.interval", snapshotInterval);
		positive("litestream.snapshot.retention", snapshotRetention);
		positive("l0-retention-check-interval", l0RetentionCheckInterval);
		if (l0Retention.isNegative()) {
			throw new IllegalArgumentException("l0-retention must not be negative (got " + l0Retention + ")");
		}
	}

	/**
	 * The same with other snapshots.
	 * @param interval how often
	 * @param retention how long any point in time stays restorable
	 * @return the options
	 * @throws IllegalArgumentException if a value cannot work
	 */
	public LevelOptions withSnapshots(Duration interval, Duration retention) {
		return new LevelOptions(this.intervals, interval, retention, this.l0Retention, this.l0RetentionCheckInterval,
				this.retentionEnabled);
	}

	private static void positive(String key, Duration value) {
		if (value.isZero() || value.isNegative()) {
			throw new IllegalArgumentException(key + " must be greater than 0 (got " + value + ")");
		}
	}

}
