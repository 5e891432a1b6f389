package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreOnStartup;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties of Litestream. What they may not hold is said by the
 * {@link InvalidLitestreamPropertyException} that the start-up then fails with.
 */
@ConfigurationProperties("litestream")
public class LitestreamProperties {

	/**
	 * Whether databases are restored and replicated.
	 */
	private boolean enabled = true;

	/**
	 * Databases to replicate.
	 */
	private List<Database> dbs = new ArrayList<>();

	/**
	 * Longest time that the final sync of each database may take when the application
	 * stops.
	 */
	private Duration shutdownSyncTimeout = Duration.ofSeconds(30);

	private final Health health = new Health();

	private final Verification verification = new Verification();

	/**
	 * Levels between single syncs and snapshots, from level 1 on.
	 */
	private List<Level> levels = new ArrayList<>(List.of(new Level(Duration.ofSeconds(30)),
			new Level(Duration.ofMinutes(5)), new Level(Duration.ofHours(1))));

	private final Snapshot snapshot = new Snapshot();

	/**
	 * How long each single sync stays restorable. Zero for ever.
	 */
	private Duration l0Retention = Duration.ofMinutes(5);

	/**
	 * Shortest time between two rounds that delete files of the replica.
	 */
	private Duration l0RetentionCheckInterval = Duration.ofSeconds(15);

	private final Retention retention = new Retention();

	@NestedConfigurationProperty
	private final DoctorProperties doctor = new DoctorProperties();

	@NestedConfigurationProperty
	private final SplitDataSourceProperties datasource = new SplitDataSourceProperties();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public List<Database> getDbs() {
		return this.dbs;
	}

	public void setDbs(List<Database> dbs) {
		this.dbs = dbs;
	}

	public Duration getShutdownSyncTimeout() {
		return this.shutdownSyncTimeout;
	}

	public void setShutdownSyncTimeout(Duration shutdownSyncTimeout) {
		this.shutdownSyncTimeout = shutdownSyncTimeout;
	}

	public Health getHealth() {
		return this.health;
	}

	public Verification getVerification() {
		return this.verification;
	}

	public List<Level> getLevels() {
		return this.levels;
	}

	public void setLevels(List<Level> levels) {
		this.levels = levels;
	}

	public Snapshot getSnapshot() {
		return this.snapshot;
	}

	public Duration getL0Retention() {
		return this.l0Retention;
	}

	public void setL0Retention(Duration l0Retention) {
		this.l0Retention = l0Retention;
	}

	public Duration getL0RetentionCheckInterval() {
		return this.l0RetentionCheckInterval;
	}

	public void setL0RetentionCheckInterval(Duration l0RetentionCheckInterval) {
		this.l0RetentionCheckInterval = l0RetentionCheckInterval;
	}

	public Retention getRetention() {
		return this.retention;
	}

	public DoctorProperties getDoctor() {
		return this.doctor;
	}

	public SplitDataSourceProperties getDatasource() {
		return this.datasource;
	}

	/**
	 * One database and its replica.
	 */
	public static class Database {

		/**
		 * Database file, as in the JDBC URL. Relative paths start at the working
		 * directory.
		 */
		private @Nullable String path;

		/**
		 * Directory whose databases are all replicated, each to a place of its own below
		 * the replica. Instead of a path.
		 */
		private @Nullable String dir;

		/**
		 * Which files of the directory are databases, such as *.db. Required with a
		 * directory.
		 */
		private @Nullable String pattern;

		/**
		 * Whether to look into the directories of the directory too.
		 */
		private boolean recursive = false;

		/**
		 * Whether databases that appear in the directory later are replicated as well.
		 */
		private boolean watch = false;

		/**
		 * Name used in health, metrics and logs. Defaults to the file name. With a
		 * directory, what the names of its databases begin with.
		 */
		private @Nullable String name;

		/**
		 * Directory of the local spool. Defaults to a hidden directory beside the
		 * database.
		 */
		private @Nullable String metaPath;

		/**
		 * Longest time between two syncs. Commits of the application are normally synced
		 * at once.
		 */
		private Duration syncInterval = Duration.ofSeconds(1);

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
		 * Longest time that the final sync may take when the application stops. Defaults
		 * to the value for all databases.
		 */
		private @Nullable Duration shutdownSyncTimeout;

		private final Restore restore = new Restore();

		private final DatabaseVerification verification = new DatabaseVerification();

		private final ReplicaProperties replica = new ReplicaProperties();

		public @Nullable String getPath() {
			return this.path;
		}

		public void setPath(@Nullable String path) {
			this.path = path;
		}

		public @Nullable String getDir() {
			return this.dir;
		}

		public void setDir(@Nullable String dir) {
			this.dir = dir;
		}

		public @Nullable String getPattern() {
			return this.pattern;
		}

		public void setPattern(@Nullable String pattern) {
			this.pattern = pattern;
		}

		public boolean isRecursive() {
			return this.recursive;
		}

		public void setRecursive(boolean recursive) {
			this.recursive = recursive;
		}

		public boolean isWatch() {
			return this.watch;
		}

		public void setWatch(boolean watch) {
			this.watch = watch;
		}

		public @Nullable String getName() {
			return this.name;
		}

		public void setName(@Nullable String name) {
			this.name = name;
		}

		public @Nullable String getMetaPath() {
			return this.metaPath;
		}

		public void setMetaPath(@Nullable String metaPath) {
			this.metaPath = metaPath;
		}

		public Duration getSyncInterval() {
			return this.syncInterval;
		}

		public void setSyncInterval(Duration syncInterval) {
			this.syncInterval = syncInterval;
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

		public @Nullable Duration getShutdownSyncTimeout() {
			return this.shutdownSyncTimeout;
		}

		public void setShutdownSyncTimeout(@Nullable Duration shutdownSyncTimeout) {
			this.shutdownSyncTimeout = shutdownSyncTimeout;
		}

		public Restore getRestore() {
			return this.restore;
		}

		public DatabaseVerification getVerification() {
			return this.verification;
		}

		public ReplicaProperties getReplica() {
			return this.replica;
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

	/**
	 * Proof that the backup of one database restores.
	 */
	public static class DatabaseVerification {

		/**
		 * How often the backup is verified. Zero for never. Defaults to the value for all
		 * databases.
		 */
		private @Nullable Duration interval;

		public @Nullable Duration getInterval() {
			return this.interval;
		}

		public void setInterval(@Nullable Duration interval) {
			this.interval = interval;
		}

	}

	/**
	 * Health of replication.
	 */
	public static class Health {

		/**
		 * How long a commit may wait for the replica until the health of its database is
		 * down.
		 */
		private Duration maxLag = Duration.ofSeconds(30);

		public Duration getMaxLag() {
			return this.maxLag;
		}

		public void setMaxLag(Duration maxLag) {
			this.maxLag = maxLag;
		}

	}

	/**
	 * One level of merged files.
	 */
	public static class Level {

		/**
		 * How often files of the level below are merged into this one.
		 */
		private @Nullable Duration interval;

		public Level() {
		}

		Level(Duration interval) {
			this.interval = interval;
		}

		public @Nullable Duration getInterval() {
			return this.interval;
		}

		public void setInterval(@Nullable Duration interval) {
			this.interval = interval;
		}

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
	 * Deletion of old files.
	 */
	public static class Retention {

		/**
		 * Whether old files of the replicas are deleted.
		 */
		private boolean enabled = true;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

	}

}
