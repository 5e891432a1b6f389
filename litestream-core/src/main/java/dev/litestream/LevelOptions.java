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
	 * @throws InvalidSettingException if a value cannot work
	 */
	public LevelOptions {
		intervals = List.copyOf(intervals);
		if (intervals.isEmpty() || intervals.size() > MAX_LEVELS) {
			throw new Setting("litestream.levels").invalid(
					"must have 1 to " + MAX_LEVELS + " entries (got " + intervals.size() + ")",
					"Write a list of intervals such as 30s, 5m, 1h, or nothing at all.");
		}
		Duration before = Duration.ZERO;
		for (int i = 0; i < intervals.size(); i++) {
			Setting setting = new Setting("litestream.levels[" + i + "].interval");
			Duration interval = setting.requirePositive(intervals.get(i));
			if (interval.compareTo(before) <= 0) {
				throw setting.invalid(
						"must be longer than that of the level before (got " + interval + " after " + before + ")",
						"Write intervals that grow, such as 30s, 5m, 1h.");
			}
			before = interval;
		}
		new Setting("litestream.snapshot.interval").requirePositive(snapshotInterval);
		new Setting("litestream.snapshot.retention").requirePositive(snapshotRetention);
		new Setting("litestream.l0-retention").requireNotNegative(l0Retention);
		new Setting("litestream.l0-retention-check-interval").requirePositive(l0RetentionCheckInterval);
	}

	/**
	 * The same with other snapshots.
	 * @param interval how often
	 * @param retention how long any point in time stays restorable
	 * @return the options
	 * @throws InvalidSettingException if a value cannot work
	 */
	public LevelOptions withSnapshots(Duration interval, Duration retention) {
		return new LevelOptions(this.intervals, interval, retention, this.l0Retention, this.l0RetentionCheckInterval,
				this.retentionEnabled);
	}

}
