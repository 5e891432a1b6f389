package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabasePath;
import dev.litestream.LevelOptions;
import dev.litestream.RestoreOnStartup;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Turns the properties of one database into options of the engine and refuses what cannot
 * work.
 */
final class DatabaseOptionsFactory {

	private static final String PATH_CURE = "Write the database file as in the JDBC URL"
			+ " after 'jdbc:sqlite:', such as data/app.db.";

	private final PropertyKey key;

	private final DatabaseProperties properties;

	private final DatabaseSettings settings;

	private final LevelOptions levels;

	DatabaseOptionsFactory(PropertyKey key, DatabaseProperties properties, LevelOptions levels) {
		this(key, properties, properties, levels);
	}

	/**
	 * Creates a factory for a database that has no settings of its own.
	 * @param key what stands before its keys
	 * @param properties what only a single database can have
	 * @param settings the settings for all databases
	 * @param levels how its files are merged and kept
	 */
	DatabaseOptionsFactory(PropertyKey key, DatabaseProperties properties, DatabaseSettings settings,
			LevelOptions levels) {
		this.key = key;
		this.properties = properties;
		this.settings = settings;
		this.levels = levels;
	}

	/**
	 * Creates the options of the one database that the properties name.
	 * @return the options
	 */
	DatabaseOptions create() {
		return create(path(), name(), metaPath());
	}

	/**
	 * Creates the options of one of the databases of a directory.
	 * @param file the database file
	 * @param relative its path below the directory
	 * @return the options
	 */
	DatabaseOptions create(Path file, Path relative) {
		// the name is a path element below /actuator/health/litestream
		String below = relative.toString().replace('/', ':').replace('\\', ':');
		String prefix = name();
		Path metaPath = metaPath();
		if (metaPath != null) {
			metaPath = metaPath.resolve(relative).resolveSibling("." + relative.getFileName() + "-litestream");
		}
		return create(file, (prefix != null) ? prefix + ":" + below : below, metaPath);
	}

	private DatabaseOptions create(Path path, @Nullable String name, @Nullable Path metaPath) {
		ConfiguredReplica replica = ConfiguredReplica.of(this.key, this.settings);
		long maxSyncBytes = this.settings.getMaxSyncWalBytes().toBytes();
		if (maxSyncBytes <= 0) {
			throw this.key.child("max-sync-wal-bytes")
				.invalid("must be greater than 0 (got " + maxSyncBytes + ")", "Write a size such as 64MB.");
		}
		double rate = replica.properties().getMaxObjectsPerSecond();
		if (!(rate > 0)) {
			throw replica.key()
				.child("max-objects-per-second")
				.invalid("must be greater than 0 (got " + rate + ")", "Write a number such as 50.");
		}
		return DatabaseOptions.of(path)
			.name(name)
			.metaPath(metaPath)
			.syncInterval(syncInterval())
			.checkpointInterval(
					this.key.child("checkpoint-interval").requireNotNegative(this.settings.getCheckpointInterval()))
			.minCheckpointPages(this.key.child("min-checkpoint-page-count")
				.requireBetween(this.settings.getMinCheckpointPageCount(), 1, Integer.MAX_VALUE))
			.busyTimeout(this.key.child("busy-timeout").requireNotNegative(this.settings.getBusyTimeout()))
			.maxSyncBytes(maxSyncBytes)
			.maxObjectsPerSecond(rate)
			.shutdownSyncTimeout(
					this.key.child("shutdown-sync-timeout").requireNotNegative(this.settings.getShutdownSyncTimeout()))
			.restoreOnStartup(restoreOnStartup())
			.integrityCheck(this.settings.getRestore().getIntegrityCheck())
			.verificationInterval(this.key.child("verification.interval")
				.requireNotNegative(this.settings.getVerification().getInterval()))
			.verificationBytesPerSecond(verificationRate())
			.startup(replica.properties().getStartup())
			.requireDurability(replica.properties().getRequireDurability())
			.levels(this.levels)
			.onMismatch(replica.properties().getOnMismatch())
			.build();
	}

	private Path path() {
		for (String key : DirectoryOptionsFactory.ONLY_WITH_DIR) {
			if (DirectoryOptionsFactory.isSet(this.properties, key)) {
				throw this.key.child(key).invalid("has no meaning without dir", "Remove it, or replace path by dir.");
			}
		}
		PropertyKey key = this.key.child("path");
		String value = key.requireText(this.properties.getPath(), PATH_CURE);
		String lower = value.toLowerCase(Locale.ROOT);
		if (lower.contains(":memory:") || lower.contains("mode=memory")) {
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
		if (name == null) {
			return null;
		}
		// the name is a path element below /actuator/health/litestream
		if (name.isBlank() || name.contains("/")) {
			throw this.key.child("name")
				.invalid("must not be blank and must not contain '/'", "Write a name such as app.");
		}
		return name;
	}

	private @Nullable Path metaPath() {
		String metaPath = this.properties.getMetaPath();
		return StringUtils.hasText(metaPath) ? toPath(this.key.child("meta-path"), metaPath).toAbsolutePath() : null;
	}

	/** Under any of its names; whichever a database brings itself counts. */
	Duration syncInterval() {
		ConfiguredReplica replica = ConfiguredReplica.of(this.key, this.settings);
		Duration ofReplica = replica.properties().getSyncInterval();
		if (ofReplica != null) {
			return replica.key().child("sync-interval").requirePositive(ofReplica);
		}
		Duration monitor = this.settings.getMonitorInterval();
		if (monitor != null) {
			return this.key.child("monitor-interval").requirePositive(monitor);
		}
		return this.key.child("sync-interval").requirePositive(this.settings.getSyncInterval());
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

	private long verificationRate() {
		long rate = this.settings.getVerification().getMaxReadRate().toBytes();
		if (rate <= 0) {
			throw this.key.child("verification.max-read-rate")
				.invalid("must be greater than 0 (got " + rate + ")", "Write a size such as 16MB.");
		}
		return rate;
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
