package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.DirectoryOptions;
import dev.litestream.LevelOptions;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Builds the engine from the properties. Refuses databases that share a name, a file or a
 * replica, and names the properties that do.
 */
final class LitestreamEngineFactory {

	private final LitestreamProperties properties;

	private final Map<Object, PropertyKey> taken = new HashMap<>();

	private final WrittenPlaces places = new WrittenPlaces();

	private final Environment environment;

	private final Supplier<@Nullable SslBundles> sslBundles;

	private final ReplicaBeans beans;

	private final Supplier<Stream<LitestreamCustomizer>> customizers;

	/**
	 * Creates a factory.
	 * @param properties the properties
	 * @param environment where else something may be said
	 * @param sslBundles the SSL bundles, asked for only where one is named
	 * @param beans the application's beans that have a say in its replicas
	 * @param customizers change how the engine is built, in their order
	 */
	LitestreamEngineFactory(LitestreamProperties properties, Environment environment,
			Supplier<@Nullable SslBundles> sslBundles, ReplicaBeans beans,
			Supplier<Stream<LitestreamCustomizer>> customizers) {
		this.beans = beans;
		this.customizers = customizers;
		this.properties = properties;
		this.environment = environment;
		this.sslBundles = sslBundles;
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
		new PropertyKey("litestream.health.max-lag").requirePositive(this.properties.getHealth().getMaxLag());
		List<ReplicaClient> clients = new ArrayList<>();
		try {
			LitestreamEngine.Builder builder = LitestreamEngine.builder();
			int index = 0;
			ReplicaEnvironment environment = replicaEnvironment();
			for (DatabaseProperties database : this.properties.getDbs()) {
				PropertyKey key = database.key(index++);
				if (database.isEnabled()) {
					add(key, database, environment, builder, clients);
				}
			}
			Path discovered = DataSourcePath.ofUrl(this.properties, this.environment);
			if (discovered != null) {
				Discovered database = discovered(discovered);
				clients.add(database.client());
				builder.database(database.options(), database.client());
			}
			builder.maxLag(this.properties.getHealth().getMaxLag());
			this.customizers.get().forEach((customizer) -> customizer.customize(builder));
			return builder.build();
		}
		catch (RuntimeException | Error ex) {
			clients.forEach((client) -> closeAfter(ex, client));
			throw ex;
		}
	}

	private void add(PropertyKey key, DatabaseProperties database, ReplicaEnvironment environment,
			LitestreamEngine.Builder builder, List<ReplicaClient> clients) {
		PropertyOrigins origins = new PropertyOrigins(this.environment);
		if (!database.getReplicas().isEmpty() && origins.isSet(key.child("replica").name())) {
			throw key.child("replicas").invalid("is set beside " + key.child("replica").name(), "Keep one of the two.");
		}
		try {
			if (DirectoryOptionsFactory.isDirectory(database)) {
				DirectoryOptionsFactory directory = new DirectoryOptionsFactory(key, database,
						optionsFactory(key, database), environment);
				DirectoryOptions options = directory.create();
				this.places.add(key, options, key.child("replica"), directory.replica());
				builder.directory(options, directory.found());
				return;
			}
			DatabaseOptions options = options(key, database);
			ConfiguredReplica replica = ConfiguredReplica.of(key, database);
			ReplicaClient client = ReplicaClientFactory.create(replica.key(), replica.properties(), environment);
			clients.add(client);
			claim(replica.key(), client.type() + " " + client.location(), "is the replica of two databases",
					"Give each database a bucket, a directory or a litestream.dbs[].replica.path of its own.");
			this.places.add(key, options, replica.key(), client);
			builder.database(options, client);
		}
		catch (InvalidLitestreamPropertyException ex) {
			throw origins.whereItIsSet(ex);
		}
	}

	/**
	 * Replicates the application's database with the settings for all databases, as none
	 * is configured by itself.
	 * @param engine the engine
	 * @param path the database file
	 */
	void register(LitestreamEngine engine, Path path) {
		Discovered database = discovered(path);
		try {
			engine.register(database.options(), database.client());
		}
		catch (RuntimeException | Error ex) {
			closeAfter(ex, database.client());
			throw ex;
		}
	}

	private Discovered discovered(Path path) {
		PropertyKey key = new PropertyKey("litestream");
		DatabaseProperties database = new DatabaseProperties();
		database.setPath(path.toString());
		DatabaseOptions options = new DatabaseOptionsFactory(key, database, this.properties,
				new LevelOptionsFactory(this.properties).create(key, this.properties))
			.create();
		return new Discovered(options, ReplicaClientFactory.create(key.child("replica"), this.properties.getReplica(),
				replicaEnvironment(List.of(options.name()))));
	}

	private ReplicaEnvironment replicaEnvironment() {
		return replicaEnvironment(this.properties.getDbs()
			.stream()
			.map(LitestreamEngineFactory::displayName)
			.filter(Objects::nonNull)
			.toList());
	}

	private ReplicaEnvironment replicaEnvironment(List<String> names) {
		return new ReplicaEnvironment(this.environment.getProperty("NATS_URL"),
				ReplicaEnvironment.connectionName(this.environment.getProperty("spring.application.name"), names),
				this.sslBundles, this.beans);
	}

	static @Nullable String displayName(DatabaseProperties database) {
		if (StringUtils.hasText(database.getName())) {
			return database.getName();
		}
		return StringUtils
			.getFilename(DirectoryOptionsFactory.isDirectory(database) ? database.getDir() : database.getPath());
	}

	private DatabaseOptions options(PropertyKey key, DatabaseProperties database) {
		DatabaseOptions options = optionsFactory(key, database).create();
		claim(key.child("path"), options.file(), "names a database that is replicated already",
				"Configure each database once.");
		claim(key.child("name"), options.name(), "is the name of two databases",
				"Give one of them another name; without one the file name counts.");
		return options;
	}

	private DatabaseOptionsFactory optionsFactory(PropertyKey key, DatabaseProperties database) {
		LevelOptions levels = new LevelOptionsFactory(this.properties).create(key, database);
		return new DatabaseOptionsFactory(key, database, levels);
	}

	private void claim(PropertyKey key, Object value, String problem, String cure) {
		PropertyKey other = this.taken.putIfAbsent(value, key);
		if (other != null) {
			throw key.invalid(problem + ", see also " + other.name(), cure);
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

	private record Discovered(DatabaseOptions options, ReplicaClient client) {

	}

}
