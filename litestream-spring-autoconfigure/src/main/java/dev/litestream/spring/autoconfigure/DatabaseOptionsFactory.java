package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

import dev.litestream.DatabaseOptions;
import dev.litestream.LevelOptions;
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

	private final LitestreamProperties.Database properties;

	private final Duration defaultShutdownSyncTimeout;

	private LitestreamProperties.Verification verification = new LitestreamProperties.Verification();

	private final LevelOptions levels;

	DatabaseOptionsFactory(PropertyKey key, LitestreamProperties.Database properties,
			Duration defaultShutdownSyncTimeout, LevelOptions levels) {
		this.key = key;
		this.properties = properties;
		this.defaultShutdownSyncTimeout = defaultShutdownSyncTimeout;
		this.levels = levels;
	}

	/**
	 * Takes over what is said for all databases.
	 * @param verification how backups are verified
	 * @return this factory
	 */
	DatabaseOptionsFactory verification(LitestreamProperties.Verification verification) {
		this.verification = verification;
		return this;
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
		long maxSyncBytes = this.properties.getMaxSyncWalBytes().toBytes();
		if (maxSyncBytes <= 0) {
			throw this.key.child("max-sync-wal-bytes")
				.invalid("must be greater than 0 (got " + maxSyncBytes + ")", "Write a size such as 64MB.");
		}
		double rate = this.properties.getReplica().getMaxObjectsPerSecond();
		if (!(rate > 0)) {
			throw this.key.child("replica.max-objects-per-second")
				.invalid("must be greater than 0 (got " + rate + ")", "Write a number such as 50.");
		}
		LitestreamProperties.Restore restore = this.properties.getRestore();
		return DatabaseOptions.of(path)
			.name(name)
			.metaPath(metaPath)
			.syncInterval(this.key.child("sync-interval").requirePositive(this.properties.getSyncInterval()))
			.checkpointInterval(
					this.key.child("checkpoint-interval").requireNotNegative(this.properties.getCheckpointInterval()))
			.minCheckpointPages(this.key.child("min-checkpoint-page-count")
				.requireBetween(this.properties.getMinCheckpointPageCount(), 1, Integer.MAX_VALUE))
			.busyTimeout(this.key.child("busy-timeout").requireNotNegative(this.properties.getBusyTimeout()))
			.maxSyncBytes(maxSyncBytes)
			.maxObjectsPerSecond(rate)
			.shutdownSyncTimeout(shutdownSyncTimeout())
			.restoreOnStartup(restore.getOnStartup())
			.integrityCheck(restore.getIntegrityCheck())
			.verificationInterval(verificationInterval())
			.verificationBytesPerSecond(this.verification.getMaxReadRate().toBytes())
			.startup(this.properties.getReplica().getStartup())
			.requireDurability(this.properties.getReplica().getRequireDurability())
			.levels(this.levels)
			.onMismatch(this.properties.getReplica().getOnMismatch())
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

	private Duration shutdownSyncTimeout() {
		Duration timeout = this.properties.getShutdownSyncTimeout();
		if (timeout == null) {
			return this.defaultShutdownSyncTimeout;
		}
		return this.key.child("shutdown-sync-timeout").requireNotNegative(timeout);
	}

	private Duration verificationInterval() {
		Duration interval = this.properties.getVerification().getInterval();
		if (interval == null) {
			return this.verification.getInterval();
		}
		return this.key.child("verification.interval").requireNotNegative(interval);
	}

	static Path toPath(PropertyKey key, String value) {
		try {
			return Path.of(value);
		}
		catch (InvalidPathException ex) {
			throw key.invalid("is not a path (" + ex.getReason() + ")", PATH_CURE);
		}
	}

}
