package dev.litestream.spring.doctor;

import java.nio.file.Path;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * A DataSource bean, or one that such a bean leads to, that opens SQLite databases.
 *
 * @param name the bean's name
 * @param dataSource gives connections
 * @param url the JDBC URL
 * @param file the database file, absolute, or {@code null} if the URL does not tell
 * @param inMemory whether the database is in memory
 * @param poolSize the most connections that it keeps, or {@code null} without a pool
 */
public record KnownDataSource(String name, DataSource dataSource, String url, @Nullable Path file, boolean inMemory,
		@Nullable Integer poolSize) {

	/** Without the URL, which may hold a key of an encrypted database. */
	@Override
	public String toString() {
		return "DataSource '" + this.name + "'";
	}

}
