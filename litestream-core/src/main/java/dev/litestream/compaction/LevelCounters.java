package dev.litestream.compaction;

import java.util.ArrayList;
import java.util.List;

import dev.litestream.DatabaseStatus;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * Counts what happens on the levels of one replica. Thread-safe.
 */
final class LevelCounters {

	private final int levels;

	private final long[] files = new long[ReplicaClient.LEVELS];

	private final long[] bytes = new long[ReplicaClient.LEVELS];

	private final long[] errors = new long[ReplicaClient.LEVELS];

	private final long[] deletes = new long[ReplicaClient.LEVELS];

	private final @Nullable String[] lastErrors = new String[ReplicaClient.LEVELS];

	private long verifyErrors;

	private long eligible;

	private long notCompacted;

	private long tooRecent;

	/** Starts at zero, for a number of compaction levels. */
	LevelCounters(int levels) {
		this.levels = levels;
	}

	synchronized void written(int level, long bytes) {
		this.files[level]++;
		this.bytes[level] += bytes;
	}

	synchronized void succeeded(int level) {
		this.lastErrors[level] = null;
	}

	synchronized void failed(int level, String reason, boolean unverified) {
		this.errors[level]++;
		this.lastErrors[level] = reason;
		if (unverified) {
			this.verifyErrors++;
		}
	}

	synchronized void deleted(int level, long files) {
		this.deletes[level] += files;
	}

	synchronized void raw(Retention retention) {
		this.eligible = retention.eligible();
		this.notCompacted = retention.notCompacted();
		this.tooRecent = retention.tooRecent();
	}

	synchronized DatabaseStatus.Levels status() {
		List<DatabaseStatus.Level> result = new ArrayList<>();
		for (int level = 0; level <= this.levels; level++) {
			result.add(status(level));
		}
		result.add(status(ReplicaClient.SNAPSHOT_LEVEL));
		return new DatabaseStatus.Levels(List.copyOf(result), this.verifyErrors, this.eligible, this.notCompacted,
				this.tooRecent);
	}

	private DatabaseStatus.Level status(int level) {
		return new DatabaseStatus.Level(level, this.files[level], this.bytes[level], this.errors[level],
				this.deletes[level], this.lastErrors[level]);
	}

}
