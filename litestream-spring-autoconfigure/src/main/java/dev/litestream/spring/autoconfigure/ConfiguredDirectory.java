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
 * One entry of {@code litestream.dbs} with a {@code dir}: turns its properties into
 * options of the engine, for the directory and for each database that is found there.
 * Refuses what cannot work for any database before there is one.
 */
final class ConfiguredDirectory implements FoundDatabases {

	/** Keys that only a directory can have. */
	static final List<String> ONLY_WITH_DIR = List.of("pattern", "recursive", "watch");

	private final ConfiguredDatabase databases;

	private final DatabaseProperties properties;

	private final ReplicaEnvironment environment;

	ConfiguredDirectory(ConfiguredDatabase databases, ReplicaEnvironment environment) {
		this.databases = databases;
		this.properties = databases.properties();
		this.environment = environment;
	}

	static boolean isDirectory(DatabaseProperties properties) {
		return StringUtils.hasText(properties.getDir());
	}

	/** Whether a key that only a directory can have differs from its default. */
	static boolean isSet(DatabaseProperties properties, String key) {
		return switch (key) {
			case "pattern" -> StringUtils.hasText(properties.getPattern());
			case "recursive" -> properties.isRecursive();
			default -> properties.isWatch();
		};
	}

	DirectoryOptions options() {
		PropertyKey key = this.databases.key("dir");
		String dir = key.requireText(this.properties.getDir(), "Write a directory.");
		this.databases.key("path")
			.requireUnset(this.properties.getPath(), "is set beside dir",
					"Keep one of the two: path for one database, dir for all in a directory.");
		PropertyKey patternKey = this.databases.key("pattern");
		String pattern = patternKey.requireText(this.properties.getPattern(),
				"Write which files of the directory are databases, such as *.db.");
		Path directory = ConfiguredDatabase.toPath(key, dir);
		if (!Files.isDirectory(directory) && !this.properties.isWatch()) {
			throw key.invalid("is no directory", "Create it, or set watch so that it may come later.");
		}
		DirectoryOptions options;
		try {
			options = new DirectoryOptions(directory, pattern, this.properties.isRecursive(), this.properties.isWatch(),
					this.databases.syncInterval());
		}
		catch (IllegalArgumentException ex) {
			throw patternKey.unusable(ex.getMessage());
		}
		Path example = Path.of("example");
		options(options.directory().resolve(example), example);
		client(example).close();
		return options;
	}

	@Override
	public DatabaseOptions options(Path file, Path relative) {
		return this.databases.options(file, relative);
	}

	@Override
	public ReplicaClient client(Path relative) {
		return this.databases.client(this.environment, relative.toString().replace('\\', '/'));
	}

	@Override
	public String location() {
		try (ReplicaClient client = this.databases.client(this.environment, null)) {
			return client.location();
		}
	}

}
