package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import javax.sql.DataSource;

import dev.litestream.DatabasePath;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.DataSourceUrl;
import dev.litestream.spring.SqliteUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Finds the database of an application that configures a replica but no database: the
 * file of its one SQLite DataSource. Where {@code spring.datasource.url} does not tell
 * it, a DataSource is asked for its URL as soon as it has its settings and before
 * anything can open it, and the restore happens then. More than one file, or none, stops
 * the start-up.
 */
class DiscoveringPostProcessor implements BeanPostProcessor, SmartInitializingSingleton, PriorityOrdered {

	private static final String PATH = "litestream.dbs[0].path";

	private final ObjectProvider<LitestreamEngine> engine;

	private final ObjectProvider<RestoredEngineFactory> factory;

	private final ObjectProvider<LitestreamProperties> properties;

	private final ObjectProvider<DataSource> dataSources;

	/** By the file behind all links. */
	private final Map<Path, String> found = new LinkedHashMap<>();

	private @Nullable String inMemory;

	DiscoveringPostProcessor(ObjectProvider<LitestreamEngine> engine, ObjectProvider<RestoredEngineFactory> factory,
			ObjectProvider<LitestreamProperties> properties, ObjectProvider<DataSource> dataSources) {
		this.engine = engine;
		this.factory = factory;
		this.properties = properties;
		this.dataSources = dataSources;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof DataSource dataSource && DataSourcePath.isWanted(this.properties.getObject())) {
			String url = DataSourceUrl.of(dataSource);
			if (url != null && SqliteUrl.matches(url)) {
				found(dataSource, beanName, url);
			}
		}
		return bean;
	}

	private void found(DataSource dataSource, String beanName, String url) {
		Path path = SqliteUrl.isInMemory(url) ? null : SqliteUrl.file(url);
		if (path == null) {
			this.inMemory = beanName;
			return;
		}
		path = DatabasePath.absolute(path);
		LitestreamEngine engine = this.engine.getObject();
		engine.databases()
			.forEach((database) -> this.found.putIfAbsent(DatabasePath.resolve(database.path()),
					"'" + DataSourcePath.URL + "'"));
		if (this.found.putIfAbsent(DatabasePath.resolve(path), "the DataSource '" + beanName + "'") != null) {
			return;
		}
		if (this.found.size() > 1) {
			throw severalFound();
		}
		if (DataSourceUrl.isOpened(dataSource)) {
			throw new InvalidLitestreamPropertyException(PATH,
					"is missing, and the DataSource '" + beanName + "' has opened " + path
							+ " before it could be restored",
					"Name the database file in " + PATH + ", so that it is restored before anything opens it.");
		}
		this.factory.getObject().register(engine, path);
	}

	private InvalidLitestreamPropertyException severalFound() {
		StringBuilder files = new StringBuilder();
		this.found.forEach((path,
				source) -> files.append(files.isEmpty() ? "" : " and ").append(path).append(" of ").append(source));
		return new InvalidLitestreamPropertyException(PATH,
				"is missing, and the application has more than one SQLite database: " + files,
				"Name each database to replicate in litestream.dbs[].path, and give each its own litestream.dbs[].replica.url or litestream.dbs[].replica.path.");
	}

	/** By now every DataSource has been seen but the lazy ones. */
	@Override
	public void afterSingletonsInstantiated() {
		if (!DataSourcePath.isWanted(this.properties.getObject()) || !this.engine.getObject().databases().isEmpty()) {
			return;
		}
		this.dataSources.stream().forEach(this::requireSeen);
		if (!this.engine.getObject().databases().isEmpty()) {
			return;
		}
		if (this.inMemory != null) {
			throw new InvalidLitestreamPropertyException(PATH,
					"is missing, and the DataSource '" + this.inMemory
							+ "' has its database in memory, where there is no WAL to replicate",
					"Give the DataSource a database file, or set litestream.enabled=false.");
		}
		throw new InvalidLitestreamPropertyException(PATH,
				"is missing, and no DataSource bean shows the URL of a SQLite database", DataSourcePath.CURE);
	}

	/** One that was registered as an object, or created before any post-processor. */
	private void requireSeen(DataSource dataSource) {
		String url = DataSourceUrl.of(dataSource);
		if (url == null || !SqliteUrl.matches(url) || SqliteUrl.isInMemory(url)) {
			return;
		}
		Path path = SqliteUrl.file(url);
		if (path != null && !this.found.containsKey(DatabasePath.resolve(path))) {
			throw new InvalidLitestreamPropertyException(PATH,
					"is missing, and the DataSource of " + path + " was created too early to be examined",
					"Name the database file in " + PATH + ", so that it is restored before anything opens it.");
		}
	}

	/**
	 * After properties are bound to the DataSource, before replication is put below it.
	 */
	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

}
