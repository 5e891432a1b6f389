package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;

import dev.litestream.DatabasePath;
import dev.litestream.spring.SqliteUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The database file of an application that configures a replica but no database, as far
 * as {@code spring.datasource.url} tells it. What it does not tell is learned from the
 * DataSources, by {@link DiscoveringPostProcessor}.
 */
final class DataSourcePath {

	static final String URL = "spring.datasource.url";

	static final String CURE = "Name the database file, as behind 'jdbc:sqlite:', in litestream.dbs[0].path.";

	private DataSourcePath() {
	}

	/** Whether the database has to be found. */
	static boolean isWanted(LitestreamProperties properties) {
		return properties.getDbs().isEmpty();
	}

	/**
	 * The database file of {@code spring.datasource.url}; {@code null} if it is not
	 * wanted, or the URL is not one of SQLite.
	 */
	static @Nullable Path ofUrl(LitestreamProperties properties, Environment environment) {
		String url = environment.getProperty(URL);
		if (!isWanted(properties) || !StringUtils.hasText(url) || !SqliteUrl.matches(url)) {
			return null;
		}
		if (SqliteUrl.isInMemory(url)) {
			throw new InvalidLitestreamPropertyException(URL,
					"names an in-memory database, which has no WAL to replicate",
					"Write a database file such as jdbc:sqlite:data/app.db, or set litestream.enabled=false.");
		}
		Path path = SqliteUrl.file(url);
		String reason = (path == null) ? SqliteUrl.whyNoPath(url) : null;
		if (reason != null) {
			throw new InvalidLitestreamPropertyException(URL, "names a database file that is no path (" + reason + ")",
					CURE);
		}
		if (path == null) {
			throw new InvalidLitestreamPropertyException(URL, "does not tell the database file to replicate", CURE);
		}
		return DatabasePath.absolute(path);
	}

}
