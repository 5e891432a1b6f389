package dev.litestream.spring.autoconfigure;

import java.time.Duration;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreOnStartup;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.DeprecatedConfigurationProperty;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.util.unit.DataSize;

/**
 * Settings that a database can have of its own, {@code litestream.dbs[]}, and that count
 * for every database that has not, directly below {@code litestream}.
 */
public abstract class DatabaseSettings {

	/**
	 * Longest time between two syncs. Commits of the application are normally synced
	 * immediately.
	 */
	private Duration syncInterval = Duration.ofSeconds(1);

	/**
	 * Longest time between two syncs. Name of sync-interval for the database in
	 * Litestream.
	 */
	private @Nullable Duration monitorInterval;

	/**
	 * Longest time between checkpoints of a WAL that has grown. Zero for none.
	 */
	private Duration checkpointInterval = Duration.ofMinutes(1);

	/**
	 * Size of the WAL, in pages, from which a checkpoint is tried.
	 */
	private int minCheckpointPageCount = 1000;

	/**
	 * Longest time that Litestream's own connections wait for a lock of the database.
	 */
	private Duration busyTimeout = Duration.ofSeconds(1);

	/**
	 * Soft limit of WAL bytes per LTX file, cut at commits.
	 */
	private DataSize maxSyncWalBytes = DataSize.ofMegabytes(64);

	/**
	 * Longest time that the final sync of a database may take when the application stops.
	 */
	private Duration shutdownSyncTimeout = Duration.ofSeconds(30);

	/**
	 * Whether to restore a missing database. Name in Litestream of restore.on-startup:
	 * if-missing or never.
	 */
	private @Nullable Boolean restoreIfDbNotExists;

	private final Snapshot snapshot = new Snapshot();

	private final Restore restore = new Restore();

	private final Verification verification = new Verification();

	@NestedConfigurationProperty
	private final ReplicaProperties replica = new ReplicaProperties();

	public Duration getSyncInterval() {
		return this.syncInterval;
	}

	public void setSyncInterval(Duration syncInterval) {
		this.syncInterval = syncInterval;
	}

	@DeprecatedConfigurationProperty(reason = "A name in Litestream's own file, which can be imported.",
			replacement = "litestream.sync-interval")
	public @Nullable Duration getMonitorInterval() {
		return this.monitorInterval;
	}

	public void setMonitorInterval(@Nullable Duration monitorInterval) {
		this.monitorInterval = monitorInterval;
	}

	public Duration getCheckpointInterval() {
		return this.checkpointInterval;
	}

	public void setCheckpointInterval(Duration checkpointInterval) {
		this.checkpointInterval = checkpointInterval;
	}

	public int getMinCheckpointPageCount() {
		return this.minCheckpointPageCount;
	}

	public void setMinCheckpointPageCount(int minCheckpointPageCount) {
		this.minCheckpointPageCount = minCheckpointPageCount;
	}

	public Duration getBusyTimeout() {
		return this.busyTimeout;
	}

	public void setBusyTimeout(Duration busyTimeout) {
		this.busyTimeout = busyTimeout;
	}

	public DataSize getMaxSyncWalBytes() {
		return this.maxSyncWalBytes;
	}

	public void setMaxSyncWalBytes(DataSize maxSyncWalBytes) {
		this.maxSyncWalBytes = maxSyncWalBytes;
	}

	public Duration getShutdownSyncTimeout() {
		return this.shutdownSyncTimeout;
	}

	public void setShutdownSyncTimeout(Duration shutdownSyncTimeout) {
		this.shutdownSyncTimeout = shutdownSyncTimeout;
	}

	@DeprecatedConfigurationProperty(reason = "A name in Litestream's own file, which can be imported.",
			replacement = "litestream.restore.on-startup")
	public @Nullable Boolean getRestoreIfDbNotExists() {
		return this.restoreIfDbNotExists;
	}

	public void setRestoreIfDbNotExists(@Nullable Boolean restoreIfDbNotExists) {
		this.restoreIfDbNotExists = restoreIfDbNotExists;
	}

	public Snapshot getSnapshot() {
		return this.snapshot;
	}

	public Restore getRestore() {
		return this.restore;
	}

	public Verification getVerification() {
		return this.verification;
	}

	public ReplicaProperties getReplica() {
		return this.replica;
	}

	/**
	 * Snapshots of the whole database.
	 */
	public static class Snapshot {

		/**
		 * How often a snapshot of a database that has changed is written.
		 */
		private Duration interval = Duration.ofHours(24);

		/**
		 * How long points in time stay restorable, in steps that grow with age.
		 */
		private Duration retention = Duration.ofHours(24);

		public Duration getInterval() {
			return this.interval;
		}

		public void setInterval(Duration interval) {
			this.interval = interval;
		}

		public Duration getRetention() {
			return this.retention;
		}

		public void setRetention(Duration retention) {
			this.retention = retention;
		}

	}

	/**
	 * Restore before the application opens the database.
	 */
	public static class Restore {

		/**
		 * Whether to restore the database before the application opens it.
		 */
		private RestoreOnStartup onStartup = RestoreOnStartup.IF_MISSING;

		/**
		 * What to check in a restored database before it takes its name.
		 */
		private IntegrityCheck integrityCheck = IntegrityCheck.QUICK;

		public RestoreOnStartup getOnStartup() {
			return this.onStartup;
		}

		public void setOnStartup(RestoreOnStartup onStartup) {
			this.onStartup = onStartup;
		}

		public IntegrityCheck getIntegrityCheck() {
			return this.integrityCheck;
		}

		public void setIntegrityCheck(IntegrityCheck integrityCheck) {
			this.integrityCheck = integrityCheck;
		}

	}

	/**
	 * Proof that the backups restore.
	 */
	public static class Verification {

		/**
		 * How often each backup is restored to a temporary file, checked and compared
		 * with the database. Zero for never.
		 */
		private Duration interval = Duration.ofHours(24);

		/**
		 * Most bytes per second that a verification reads from the replica.
		 */
		private DataSize maxReadRate = DataSize.ofMegabytes(16);

		public Duration getInterval() {
			return this.interval;
		}

		public void setInterval(Duration interval) {
			this.interval = interval;
		}

		public DataSize getMaxReadRate() {
			return this.maxReadRate;
		}

		public void setMaxReadRate(DataSize maxReadRate) {
			this.maxReadRate = maxReadRate;
		}

	}

}
