package dev.litestream.spring.autoconfigure;

import dev.litestream.LitestreamException;
import dev.litestream.engine.ConflictingDatabasesException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.DirectoryOptions;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;

/**
 * Builds the engine from the properties, and restores the databases. When the engine
 * refuses databases that share a name, a file or a replica, names the properties.
 */
final class RestoredEngineFactory {

	private final LitestreamProperties properties;

	private final Environment environment;

	private final Supplier<@Nullable SslBundles> sslBundles;

	private final ReplicaBeans beans;

	private final Supplier<Stream<LitestreamCustomizer>> customizers;

	/**
	 * Creates a factory. Beans and SSL bundles are asked for only where one is needed.
	 */
	RestoredEngineFactory(LitestreamProperties properties, Environment environment,
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
		Duration maxLag = this.properties.getHealth().getMaxLag();
		new PropertyKey("litestream.health.max-lag").require((setting) -> setting.requirePositive(maxLag));
		LitestreamEngine.Builder builder = LitestreamEngine.builder();
		List<ReplicaClient> clients = new ArrayList<>();
		Map<Object, ConfiguredDatabase> entries = new IdentityHashMap<>();
		PropertyOrigins origins = new PropertyOrigins(this.environment);
		try {
			ReplicaEnvironment environment = replicaEnvironment();
			int index = 0;
			for (DatabaseProperties database : this.properties.getDbs()) {
				PropertyKey key = database.key(index++);
				if (database.isEnabled()) {
					add(key, database, environment, builder, clients, entries);
				}
			}
			Path found = DataSourcePath.ofUrl(this.properties, this.environment);
			if (found != null) {
				ConfiguredDatabase database = ConfiguredDatabase.found(found, this.properties);
				DatabaseOptions options = database.options();
				ReplicaClient client = database.client(replicaEnvironment(List.of(options.name())), null);
				clients.add(client);
				builder.database(options, client);
			}
			builder.maxLag(maxLag);
			this.customizers.get().forEach((customizer) -> customizer.customize(builder));
			return builder.build();
		}
		catch (ConflictingDatabasesException ex) {
			clients.forEach((client) -> closeAfter(ex, client));
			throw origins.whereItIsSet(named(ex, entries));
		}
		catch (InvalidLitestreamPropertyException ex) {
			clients.forEach((client) -> closeAfter(ex, client));
			throw origins.whereItIsSet(ex);
		}
		catch (RuntimeException | Error ex) {
			clients.forEach((client) -> closeAfter(ex, client));
			throw ex;
		}
	}

	private void add(PropertyKey key, DatabaseProperties properties, ReplicaEnvironment environment,
			LitestreamEngine.Builder builder, List<ReplicaClient> clients, Map<Object, ConfiguredDatabase> entries) {
		if (!properties.getReplicas().isEmpty()
				&& new PropertyOrigins(this.environment).isSet(key.child("replica").name())) {
			throw key.child("replicas").invalid("is set beside " + key.child("replica").name(), "Keep one of the two.");
		}
		ConfiguredDatabase database = ConfiguredDatabase.of(key, properties, this.properties);
		if (ConfiguredDirectory.isDirectory(properties)) {
			ConfiguredDirectory directory = new ConfiguredDirectory(database, environment);
			DirectoryOptions options = directory.options();
			entries.put(options, database);
			builder.directory(options, directory);
			return;
		}
		DatabaseOptions options = database.options();
		ReplicaClient client = database.client(environment, null);
		clients.add(client);
		entries.put(options, database);
		builder.database(options, client);
	}

	/**
	 * The engine's refusal, with the keys of the entries; those of customizers have none.
	 */
	private static LitestreamException named(ConflictingDatabasesException conflict,
			Map<Object, ConfiguredDatabase> entries) {
		ConfiguredDatabase database = entries.get(conflict.getClaim().options());
		if (database == null) {
			return conflict;
		}
		ConfiguredDatabase other = entries.get(conflict.getOther().options());
		String otherName = (other != null) ? other.key(conflict.getOther().setting()).name()
				: conflict.getOther().toString();
		return database.key(conflict.getClaim().setting()).invalid(conflict.getProblem(otherName), conflict.getCure());
	}

	/**
	 * Replicates the application's database, which has no entry, with the settings for
	 * all databases.
	 */
	void register(LitestreamEngine engine, Path path) {
		ConfiguredDatabase database = ConfiguredDatabase.found(path, this.properties);
		DatabaseOptions options = database.options();
		ReplicaClient client = database.client(replicaEnvironment(List.of(options.name())), null);
		try {
			engine.register(options, client);
		}
		catch (RuntimeException | Error ex) {
			closeAfter(ex, client);
			throw ex;
		}
	}

	private ReplicaEnvironment replicaEnvironment() {
		return replicaEnvironment(this.properties.getDbs()
			.stream()
			.map(ConfiguredDatabase::displayName)
			.filter(Objects::nonNull)
			.toList());
	}

	private ReplicaEnvironment replicaEnvironment(List<String> names) {
		return new ReplicaEnvironment(this.environment.getProperty("NATS_URL"),
				ReplicaEnvironment.connectionName(this.environment.getProperty("spring.application.name"), names),
				this.sslBundles, this.beans);
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
