package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabasePath;
import dev.litestream.InvalidSettingException;
import dev.litestream.LevelOptions;
import dev.litestream.RestoreOnStartup;
import dev.litestream.Setting;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spring.SqliteUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * One entry of {@code litestream.dbs}, or the one database that is found without an
 * entry: turns its properties into options of the engine and a client of its replica. The
 * engine checks the values; only mistakes that are possible in properties are refused
 * here.
 */
final class ConfiguredDatabase {

	private static final String PATH_CURE = "Write the database file as in the JDBC URL"
			+ " after 'jdbc:sqlite:', such as data/app.db.";

	private static final String SYNC_INTERVAL = "litestream.sync-interval";

	private final PropertyKey key;

	private final DatabaseProperties properties;

	private final DatabaseSettings settings;

	private final LitestreamProperties all;

	private final ConfiguredReplica replica;

	private final WrittenKeys keys;

	private ConfiguredDatabase(PropertyKey key, DatabaseProperties properties, DatabaseSettings settings,
			LitestreamProperties all) {
		this.key = key;
		this.properties = properties;
		this.settings = settings;
		this.all = all;
		this.replica = ConfiguredReplica.of(key, settings);
		this.keys = new WrittenKeys(key, this.replica.key());
	}

	/** A database with an entry. */
	static ConfiguredDatabase of(PropertyKey key, DatabaseProperties properties, LitestreamProperties all) {
		return new ConfiguredDatabase(key, properties, properties, all);
	}

	/** A database without an entry, which has the settings for all databases. */
	static ConfiguredDatabase found(Path path, LitestreamProperties all) {
		DatabaseProperties properties = new DatabaseProperties();
		properties.setPath(path.toString());
		return new ConfiguredDatabase(new PropertyKey("litestream"), properties, all, all);
	}

	/** The name in logs, or {@code null} if the entry has neither name nor file. */
	static @Nullable String displayName(DatabaseProperties properties) {
		if (StringUtils.hasText(properties.getName())) {
			return properties.getName();
		}
		return StringUtils
			.getFilename(ConfiguredDirectory.isDirectory(properties) ? properties.getDir() : properties.getPath());
	}

	PropertyKey key() {
		return this.key;
	}

	DatabaseProperties properties() {
		return this.properties;
	}

	ConfiguredReplica replica() {
		return this.replica;
	}

	/** The whole key of a setting such as {@code path} or {@code replica}. */
	PropertyKey key(String setting) {
		return setting.equals("replica") ? this.replica.key() : this.key.child(setting);
	}

	DatabaseOptions options() {
		return options(path(), name(), metaPath());
	}

	/** The options of one of the databases of a directory. */
	DatabaseOptions options(Path file, Path relative) {
		// the name is a path element below /actuator/health/litestream
		String below = relative.toString().replace('/', ':').replace('\\', ':');
		String prefix = name();
		Path metaPath = metaPath();
		if (metaPath != null) {
			metaPath = metaPath.resolve(relative).resolveSibling("." + relative.getFileName() + "-litestream");
		}
		return options(file, (prefix != null) ? prefix + ":" + below : below, metaPath);
	}

	/**
	 * The client of the replica, not connected. {@code below} is added to the path of the
	 * replica.
	 */
	ReplicaClient client(ReplicaEnvironment environment, @Nullable String below) {
		return translated(() -> this.replica.client(environment, below));
	}

	private DatabaseOptions options(Path path, @Nullable String name, @Nullable Path metaPath) {
		return translated(() -> DatabaseOptions.of(path)
			.name(name)
			.metaPath(metaPath)
			.syncInterval(writtenSyncInterval())
			.checkpointInterval(this.settings.getCheckpointInterval())
			.minCheckpointPages(this.settings.getMinCheckpointPageCount())
			.busyTimeout(this.settings.getBusyTimeout())
			.maxSyncBytes(this.settings.getMaxSyncWalBytes().toBytes())
			.maxObjectsPerSecond(this.replica.properties().getMaxObjectsPerSecond())
			.shutdownSyncTimeout(this.settings.getShutdownSyncTimeout())
			.restoreOnStartup(restoreOnStartup())
			.integrityCheck(this.settings.getRestore().getIntegrityCheck())
			.verificationInterval(this.settings.getVerification().getInterval())
			.verificationBytesPerSecond(this.settings.getVerification().getMaxReadRate().toBytes())
			.startup(this.replica.properties().getStartup())
			.requireDurability(this.replica.properties().getRequireDurability())
			.levels(levels())
			.onMismatch(this.replica.properties().getOnMismatch())
			.build());
	}

	/** Lets the engine check a value, and names the key under which it is written. */
	<T> T translated(Supplier<T> checked) {
		try {
			return checked.get();
		}
		catch (InvalidSettingException ex) {
			throw this.keys.whole(ex);
		}
	}

	private LevelOptions levels() {
		DatabaseSettings.Snapshot snapshot = this.settings.getSnapshot();
		ReplicaProperties replica = this.replica.properties();
		return new LevelOptions(levelIntervals(),
				firstOf("litestream.snapshot.interval", this.replica.key().child("snapshot-interval"),
						replica.getSnapshotInterval(), snapshot.getInterval()),
				firstOf("litestream.snapshot.retention", this.replica.key().child("retention"), replica.getRetention(),
						snapshot.getRetention()),
				this.all.getL0Retention(), this.all.getL0RetentionCheckInterval(), this.all.getRetention().isEnabled());
	}

	private List<Duration> levelIntervals() {
		List<Duration> intervals = new ArrayList<>();
		for (LitestreamProperties.Level level : this.all.getLevels()) {
			Duration interval = level.getInterval();
			if (interval == null) {
				throw new PropertyKey("litestream.levels[" + intervals.size() + "].interval").invalid("is missing",
						"Write a duration such as 30s.");
			}
			intervals.add(interval);
		}
		return intervals;
	}

	Duration syncInterval() {
		return translated(() -> new Setting(SYNC_INTERVAL).requirePositive(writtenSyncInterval()));
	}

	/** Under any of its names; whichever a database brings itself counts. */
	private Duration writtenSyncInterval() {
		Duration own = firstOf(SYNC_INTERVAL, this.key.child("monitor-interval"), this.settings.getMonitorInterval(),
				this.settings.getSyncInterval());
		return firstOf(SYNC_INTERVAL, this.replica.key().child("sync-interval"),
				this.replica.properties().getSyncInterval(), own);
	}

	private Duration firstOf(String setting, PropertyKey alias, @Nullable Duration value, Duration other) {
		if (value == null) {
			return other;
		}
		this.keys.alias(setting, alias);
		return value;
	}

	private RestoreOnStartup restoreOnStartup() {
		RestoreOnStartup onStartup = this.settings.getRestore().getOnStartup();
		Boolean ifNotExists = this.settings.getRestoreIfDbNotExists();
		if (ifNotExists == null) {
			return onStartup;
		}
		RestoreOnStartup meant = ifNotExists ? RestoreOnStartup.IF_MISSING : RestoreOnStartup.NEVER;
		if (onStartup != meant && onStartup != RestoreOnStartup.IF_MISSING) {
			throw this.key.child("restore-if-db-not-exists")
				.invalid("contradicts " + this.key.child("restore.on-startup").name(), "Keep one of the two.");
		}
		return meant;
	}

	private Path path() {
		for (String key : ConfiguredDirectory.ONLY_WITH_DIR) {
			if (ConfiguredDirectory.isSet(this.properties, key)) {
				throw this.key.child(key).invalid("has no meaning without dir", "Remove it, or replace path by dir.");
			}
		}
		PropertyKey key = this.key.child("path");
		String value = key.requireText(this.properties.getPath(), PATH_CURE);
		String lower = value.toLowerCase(Locale.ROOT);
		if (lower.contains(":memory:")
				|| SqliteUrl.isInMemory("jdbc:sqlite:" + lower.replaceFirst("^jdbc:sqlite:", ""))) {
			throw key.invalid("names an in-memory database, which has no WAL to replicate",
					"Write a database file such as data/app.db, here and in the JDBC URL.");
		}
		if (lower.startsWith("jdbc:") || lower.startsWith("file:") || lower.startsWith("sqlite:")) {
			throw key.invalid("is a URL", PATH_CURE);
		}
		Path path = toPath(key, value);
		if (path.getFileName() == null || Files.isDirectory(path)) {
			throw key.invalid("names a directory", PATH_CURE);
		}
		return path;
	}

	private @Nullable String name() {
		String name = this.properties.getName();
		// the name is a path element below /actuator/health/litestream
		if (name != null && (name.isBlank() || name.contains("/"))) {
			throw this.key.child("name")
				.invalid("must not be blank and must not contain '/'", "Write a name such as app.");
		}
		return name;
	}

	private @Nullable Path metaPath() {
		String metaPath = this.properties.getMetaPath();
		return StringUtils.hasText(metaPath) ? toPath(this.key.child("meta-path"), metaPath).toAbsolutePath() : null;
	}

	static Path toPath(PropertyKey key, String value) {
		try {
			return DatabasePath.of(value);
		}
		catch (InvalidPathException ex) {
			throw key.invalid("is not a path (" + ex.getReason() + ")", PATH_CURE);
		}
	}

}
