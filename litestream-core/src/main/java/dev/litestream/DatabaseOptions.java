package dev.litestream;

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How one database is replicated. Build with {@link #of(Path)} and the {@code with}
 * methods of {@link Builder}.
 *
 * @param name the name used in health, metrics and logs
 * @param path the database file as it was named, absolute
 * @param file the file behind all links: SQLite opens it and keeps its WAL beside it
 * @param metaPath the directory of the local spool
 * @param syncInterval the longest time between two syncs; commits are normally synced
 * immediately
 * @param checkpointInterval the longest time between checkpoints of a WAL that has grown;
 * zero for none
 * @param minCheckpointPages size of the WAL, in pages, from which a checkpoint is tried
 * @param busyTimeout {@code busy_timeout} of our own connections
 * @param maxSyncBytes soft limit of WAL bytes per LTX file, cut at commits
 * @param maxObjectsPerSecond the most LTX files per second sent to the replica
 * @param shutdownSyncTimeout the longest time that the final sync may take
 * @param restoreOnStartup whether to restore before the application opens the database
 * @param integrityCheck what to check after a restore
 * @param verificationInterval how often the backup is verified; zero for never
 * @param verificationBytesPerSecond the most bytes per second that a verification reads
 * from the replica
 * @param startup what the start does about a replica that cannot be reached
 * @param requireDurability which failures an acknowledged commit has to survive, or
 * {@code null} for no requirement
 * @param levels how the replica's files are merged and how long they are kept
 * @param onMismatch what to do if the database is not the continuation of what the
 * replica holds
 */
public record DatabaseOptions(String name, Path path, Path file, Path metaPath, Duration syncInterval,
		Duration checkpointInterval, int minCheckpointPages, Duration busyTimeout, long maxSyncBytes,
		double maxObjectsPerSecond, Duration shutdownSyncTimeout, RestoreOnStartup restoreOnStartup,
		IntegrityCheck integrityCheck, Duration verificationInterval, long verificationBytesPerSecond,
		ReplicaStartup startup, @Nullable Durability requireDurability, LevelOptions levels,
		MismatchAction onMismatch) {

	/**
	 * Starts from the defaults.
	 * @param path the database file
	 * @return a builder
	 */
	public static Builder of(Path path) {
		return new Builder(path);
	}

	/** Collects options. Not thread-safe. */
	public static final class Builder {

		private final Path path;

		private final Path file;

		private @Nullable String name;

		private @Nullable Path metaPath;

		private Duration syncInterval = Duration.ofSeconds(1);

		private Duration checkpointInterval = Duration.ofMinutes(1);

		private int minCheckpointPages = 1000;

		private Duration busyTimeout = Duration.ofSeconds(1);

		private long maxSyncBytes = 64L << 20;

		private double maxObjectsPerSecond = 50;

		private Duration shutdownSyncTimeout = Duration.ofSeconds(30);

		private RestoreOnStartup restoreOnStartup = RestoreOnStartup.IF_MISSING;

		private IntegrityCheck integrityCheck = IntegrityCheck.QUICK;

		private Duration verificationInterval = Duration.ofHours(24);

		private long verificationBytesPerSecond = 16L << 20;

		private ReplicaStartup startup = ReplicaStartup.CONTINUE;

		private @Nullable Durability requireDurability;

		private LevelOptions levels = LevelOptions.DEFAULTS;

		private MismatchAction onMismatch = MismatchAction.FAIL;

		private Builder(Path path) {
			this.path = DatabasePath.absolute(path);
			this.file = DatabasePath.resolve(path);
		}

		public Builder name(@Nullable String name) {
			this.name = name;
			return this;
		}

		public Builder metaPath(@Nullable Path metaPath) {
			this.metaPath = metaPath;
			return this;
		}

		public Builder syncInterval(Duration syncInterval) {
			this.syncInterval = new Setting("litestream.sync-interval").requirePositive(syncInterval);
			return this;
		}

		public Builder checkpointInterval(Duration checkpointInterval) {
			this.checkpointInterval = new Setting("litestream.checkpoint-interval")
				.requireNotNegative(checkpointInterval);
			return this;
		}

		public Builder minCheckpointPages(int minCheckpointPages) {
			this.minCheckpointPages = new Setting("litestream.min-checkpoint-page-count")
				.requireBetween(minCheckpointPages, 1, Integer.MAX_VALUE);
			return this;
		}

		public Builder busyTimeout(Duration busyTimeout) {
			this.busyTimeout = new Setting("litestream.busy-timeout").requireNotNegative(busyTimeout);
			return this;
		}

		public Builder maxSyncBytes(long maxSyncBytes) {
			this.maxSyncBytes = new Setting("litestream.max-sync-wal-bytes").requirePositiveSize(maxSyncBytes, "64MB");
			return this;
		}

		public Builder maxObjectsPerSecond(double maxObjectsPerSecond) {
			if (!(maxObjectsPerSecond > 0)) {
				throw new Setting("litestream.replica.max-objects-per-second")
					.invalid("must be greater than 0 (got " + maxObjectsPerSecond + ")", "Write a number such as 50.");
			}
			this.maxObjectsPerSecond = maxObjectsPerSecond;
			return this;
		}

		public Builder shutdownSyncTimeout(Duration shutdownSyncTimeout) {
			this.shutdownSyncTimeout = new Setting("litestream.shutdown-sync-timeout")
				.requireNotNegative(shutdownSyncTimeout);
			return this;
		}

		public Builder restoreOnStartup(RestoreOnStartup restoreOnStartup) {
			this.restoreOnStartup = restoreOnStartup;
			return this;
		}

		public Builder integrityCheck(IntegrityCheck integrityCheck) {
			this.integrityCheck = integrityCheck;
			return this;
		}

		public Builder verificationInterval(Duration verificationInterval) {
			this.verificationInterval = new Setting("litestream.verification.interval")
				.requireNotNegative(verificationInterval);
			return this;
		}

		public Builder verificationBytesPerSecond(long verificationBytesPerSecond) {
			this.verificationBytesPerSecond = new Setting("litestream.verification.max-read-rate")
				.requirePositiveSize(verificationBytesPerSecond, "16MB");
			return this;
		}

		public Builder startup(ReplicaStartup startup) {
			this.startup = startup;
			return this;
		}

		public Builder requireDurability(@Nullable Durability requireDurability) {
			this.requireDurability = requireDurability;
			return this;
		}

		public Builder levels(LevelOptions levels) {
			this.levels = levels;
			return this;
		}

		public Builder onMismatch(MismatchAction onMismatch) {
			this.onMismatch = onMismatch;
			return this;
		}

		/**
		 * Builds the options.
		 * @return the options
		 */
		public DatabaseOptions build() {
			String file = String.valueOf(this.path.getFileName());
			String name = (this.name != null) ? this.name : file;
			Path meta = (this.metaPath != null) ? this.metaPath : besideDatabase();
			return new DatabaseOptions(name, this.path, this.file, meta, this.syncInterval, this.checkpointInterval,
					this.minCheckpointPages, this.busyTimeout, this.maxSyncBytes, this.maxObjectsPerSecond,
					this.shutdownSyncTimeout, this.restoreOnStartup, this.integrityCheck, this.verificationInterval,
					this.verificationBytesPerSecond, this.startup, this.requireDurability, this.levels,
					this.onMismatch);
		}

		private Path besideDatabase() {
			return this.file.resolveSibling("." + this.file.getFileName() + "-litestream");
		}

	}

}
