package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.DatabaseOptions;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.replica.ReplicaClient;

/**
 * Builds the engine from the properties. Refuses databases that share a name, a file or a
 * replica, and names the properties that do.
 */
final class LitestreamEngineFactory {

	private final LitestreamProperties properties;

	private final Map<Object, PropertyKey> taken = new HashMap<>();

	LitestreamEngineFactory(LitestreamProperties properties) {
		this.properties = properties;
	}

	/**
	 * Builds the engine and restores the databases that ask for it. Leaves nothing open
	 * if that fails: a bean that could not be created is never destroyed.
	 * @return the engine, not started
	 */
	LitestreamEngine createRestored() {
		LitestreamEngine engine = create();
		try {
			engine.restore();
			return engine;
		}
		catch (RuntimeException | Error ex) {
			closeAfter(ex, engine);
			throw ex;
		}
	}

	private LitestreamEngine create() {
		new PropertyKey("litestream.shutdown-sync-timeout")
			.requireNotNegative(this.properties.getShutdownSyncTimeout());
		new PropertyKey("litestream.health.max-lag").requirePositive(this.properties.getHealth().getMaxLag());
		List<ReplicaClient> clients = new ArrayList<>();
		try {
			LitestreamEngine.Builder builder = LitestreamEngine.builder();
			int index = 0;
			for (LitestreamProperties.Database database : this.properties.getDbs()) {
				PropertyKey key = PropertyKey.ofDatabase(index++);
				if (DirectoryOptionsFactory.isDirectory(database)) {
					DirectoryOptionsFactory directory = new DirectoryOptionsFactory(key, database,
							optionsFactory(key, database));
					builder.directory(directory.create(), directory.found());
					continue;
				}
				DatabaseOptions options = options(key, database);
				ReplicaClient client = ReplicaClientFactory.create(key.child("replica"), database.getReplica());
				clients.add(client);
				claim(key.child("replica"), client.type() + " " + client.location(), "is the replica of two databases",
						"Give each database a bucket, a directory or a replica.path of its own.");
				builder.database(options, client);
			}
			return builder.build();
		}
		catch (RuntimeException | Error ex) {
			clients.forEach((client) -> closeAfter(ex, client));
			throw ex;
		}
	}

	private DatabaseOptions options(PropertyKey key, LitestreamProperties.Database database) {
		DatabaseOptions options = optionsFactory(key, database).create();
		claim(key.child("path"), realPath(options.path()), "names a database that is replicated already",
				"Configure each database once.");
		claim(key.child("name"), options.name(), "is the name of two databases",
				"Give one of them another name; without one the file name counts.");
		return options;
	}

	private DatabaseOptionsFactory optionsFactory(PropertyKey key, LitestreamProperties.Database database) {
		return new DatabaseOptionsFactory(key, database, this.properties.getShutdownSyncTimeout());
	}

	private void claim(PropertyKey key, Object value, String problem, String cure) {
		PropertyKey other = this.taken.putIfAbsent(value, key);
		if (other != null) {
			throw key.invalid(problem + ", see also " + other.name(), cure);
		}
	}

	/** The path with symbolic links resolved as far as it exists. */
	private static Path realPath(Path path) {
		try {
			return path.toRealPath();
		}
		catch (IOException ex) {
			Path parent = path.getParent();
			return (parent != null) ? realPath(parent).resolve(path.getFileName()) : path;
		}
	}

	private static void closeAfter(Throwable failure, AutoCloseable resource) {
		try {
			resource.close();
		}
		catch (Exception ex) {
			failure.addSuppressed(ex);
		}
	}

}
