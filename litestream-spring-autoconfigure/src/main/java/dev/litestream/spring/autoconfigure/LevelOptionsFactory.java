package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.LevelOptions;

/**
 * Turns the properties about levels, snapshots and retention into options of the engine
 * and refuses what cannot work.
 */
final class LevelOptionsFactory {

	private static final String LEVELS = "litestream.levels";

	private final LitestreamProperties properties;

	LevelOptionsFactory(LitestreamProperties properties) {
		this.properties = properties;
	}

	/**
	 * Options of one database.
	 * @param key what stands before its keys
	 * @param settings of the database, or those for all
	 * @return the options
	 */
	LevelOptions create(PropertyKey key, DatabaseSettings settings) {
		DatabaseSettings.Snapshot snapshot = settings.getSnapshot();
		ConfiguredReplica replica = ConfiguredReplica.of(key, settings);
		Duration interval = replica.properties().getSnapshotInterval();
		Duration retention = replica.properties().getRetention();
		return new LevelOptions(intervals(),
				(interval != null) ? replica.key().child("snapshot-interval").requirePositive(interval)
						: key.child("snapshot.interval").requirePositive(snapshot.getInterval()),
				(retention != null) ? replica.key().child("retention").requirePositive(retention)
						: key.child("snapshot.retention").requirePositive(snapshot.getRetention()),
				new PropertyKey("litestream.l0-retention").requireNotNegative(this.properties.getL0Retention()),
				new PropertyKey("litestream.l0-retention-check-interval").requirePositive(
						this.properties.getL0RetentionCheckInterval()),
				this.properties.getRetention().isEnabled());
	}

	private List<Duration> intervals() {
		List<LitestreamProperties.Level> levels = this.properties.getLevels();
		if (levels.isEmpty() || levels.size() > LevelOptions.MAX_LEVELS) {
			throw new PropertyKey(LEVELS).invalid(
					"must have 1 to " + LevelOptions.MAX_LEVELS + " entries (got " + levels.size() + ")",
					"Write a list of intervals such as 30s, 5m, 1h, or nothing at all.");
		}
		List<Duration> intervals = new ArrayList<>();
		for (int i = 0; i < levels.size(); i++) {
			PropertyKey key = new PropertyKey(LEVELS + "[" + i + "].interval");
			Duration interval = levels.get(i).getInterval();
			if (interval == null) {
				throw key.invalid("is missing", "Write a duration such as 30s.");
			}
			intervals.add(key.requirePositive(interval));
			if (i > 0 && interval.compareTo(intervals.get(i - 1)) <= 0) {
				throw key.invalid("must be longer than that of the level before (got " + interval + " after "
						+ intervals.get(i - 1) + ")", "Write intervals that grow, such as 30s, 5m, 1h.");
			}
		}
		return intervals;
	}

}
