package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.DirectoryOptions;
import dev.litestream.engine.FoundDatabases;
import dev.litestream.replica.ReplicaClient;

import org.springframework.util.StringUtils;

/**
 * Turns the properties of the databases of one directory into options of the engine and
 * refuses what cannot work, as far as it can be told before they are found.
 */
final class DirectoryOptionsFactory {

	/** Keys that only a directory can have. */
	static final List<String> ONLY_WITH_DIR = List.of("pattern", "recursive", "watch");

	private final PropertyKey key;

	private final DatabaseProperties properties;

	private final DatabaseOptionsFactory databases;

	private final ReplicaEnvironment environment;

	DirectoryOptionsFactory(PropertyKey key, DatabaseProperties properties, DatabaseOptionsFactory databases,
			ReplicaEnvironment environment) {
		this.key = key;
		this.properties = properties;
		this.databases = databases;
		this.environment = environment;
	}

	/**
	 * Whether properties are those of a directory.
	 * @param properties of one entry
	 * @return whether it has a directory
	 */
	static boolean isDirectory(DatabaseProperties properties) {
		return StringUtils.hasText(properties.getDir());
	}

	/**
	 * Whether one of the keys that only a directory can have is set.
	 * @param properties of one entry
	 * @param key the key
	 * @return whether it has another value than by default
	 */
	static boolean isSet(DatabaseProperties properties, String key) {
		return switch (key) {
			case "pattern" -> StringUtils.hasText(properties.getPattern());
			case "recursive" -> properties.isRecursive();
			default -> properties.isWatch();
		};
	}

	DirectoryOptions create() {
		PropertyKey key = this.key.child("dir");
		key.requireText(this.properties.getDir(), "Write a directory.");
		this.key.child("path")
			.requireUnset(this.properties.getPath(), "is set beside dir",
					"Keep one of the two: path for one database, dir for all in a directory.");
		PropertyKey patternKey = this.key.child("pattern");
		String pattern = patternKey.requireText(this.properties.getPattern(),
				"Write which files of the directory are databases, such as *.db.");
		Path directory = DatabaseOptionsFactory.toPath(key, String.valueOf(this.properties.getDir()));
		if (!Files.isDirectory(directory) && !this.properties.isWatch()) {
			throw key.invalid("is no directory", "Create it, or set watch so that it may come later.");
		}
		DirectoryOptions options;
		try {
			options = new DirectoryOptions(directory, pattern, this.properties.isRecursive(), this.properties.isWatch(),
					this.databases.syncInterval());
		}
		catch (IllegalArgumentException ex) {
			throw patternKey.invalid("cannot be used", StringUtils.capitalize(ex.getMessage()) + ".");
		}
		requireUsable(options.directory());
		return options;
	}

	/** What is wrong for any database is said before there is one. */
	private void requireUsable(Path directory) {
		Path example = Path.of("example");
		this.databases.create(directory.resolve(example), example);
		client(example).close();
	}

	FoundDatabases found() {
		return new FoundDatabases() {

			@Override
			public DatabaseOptions options(Path file, Path relative) {
				return DirectoryOptionsFactory.this.databases.create(file, relative);
			}

			@Override
			public ReplicaClient client(Path relative) {
				return DirectoryOptionsFactory.this.client(relative);
			}

		};
	}

	/**
	 * The replica below which each database has its own. It is not opened and need not be
	 * closed.
	 * @return the replica
	 */
	ReplicaClient replica() {
		ReplicaClient client = ReplicaClientFactory.create(this.key.child("replica"), this.properties.getReplica(),
				this.environment);
		client.close();
		return client;
	}

	private ReplicaClient client(Path relative) {
		ConfiguredReplica replica = ConfiguredReplica.of(this.key, this.properties);
		return ReplicaClientFactory.create(replica.key(), replica.properties(), this.environment,
				relative.toString().replace('\\', '/'));
	}

}
