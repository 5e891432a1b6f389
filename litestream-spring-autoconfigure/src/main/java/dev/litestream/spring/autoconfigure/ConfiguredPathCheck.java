package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.litestream.DatabasePath;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.SqliteUrl;
import dev.litestream.spring.doctor.KnownDataSource;
import dev.litestream.spring.doctor.KnownDataSources;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Stops the start-up if a configured path is probably meant to be a DataSource's file and
 * is not. The application would write to a database that is not replicated.
 */
final class ConfiguredPathCheck {

	/** The doctor's finding where there are several paths or DataSources. */
	private static final String NOT_OPENED = "database-without-datasource";

	private final LitestreamProperties properties;

	private final Litestream litestream;

	private final KnownDataSources dataSources;

	ConfiguredPathCheck(LitestreamProperties properties, Litestream litestream, KnownDataSources dataSources) {
		this.properties = properties;
		this.litestream = litestream;
		this.dataSources = dataSources;
	}

	/** Files of databases that are configured one by one. */
	static List<Path> configured(LitestreamProperties properties) {
		List<Path> paths = new ArrayList<>();
		for (var database : properties.getDbs()) {
			if (StringUtils.hasText(database.getPath())) {
				paths.add(DatabasePath.absolute(Path.of(database.getPath())));
			}
		}
		return paths;
	}

	/**
	 * Refuses a path that differs from a DataSource's only by its spelling or the working
	 * directory, databases in memory, and the only path if it is not the file of the only
	 * DataSource.
	 */
	void run() {
		List<KnownDataSource> others = this.dataSources.sqlite()
			.stream()
			.filter((dataSource) -> database(dataSource) == null)
			.toList();
		if (others.isEmpty()) {
			return;
		}
		int index = 0;
		for (var database : this.properties.getDbs()) {
			PropertyKey key = database.key(index++).child("path");
			String path = database.getPath();
			if (StringUtils.hasText(path) && !isOpened(path)) {
				requireAnother(key, path, others);
				requireFile(key, path, others);
				requireTheOnlyOne(key, path, others);
			}
		}
	}

	private @Nullable ReplicatedDatabase database(KnownDataSource dataSource) {
		Path file = dataSource.file();
		return (file != null) ? this.litestream.database(file) : null;
	}

	private boolean isOpened(String path) {
		ReplicatedDatabase database = this.litestream.database(Path.of(path));
		return database == null || this.dataSources.sqlite()
			.stream()
			.anyMatch((dataSource) -> Objects.equals(database(dataSource), database));
	}

	private void requireAnother(PropertyKey key, String configured, List<KnownDataSource> others) {
		for (KnownDataSource other : others) {
			Path file = other.file();
			if (file != null && isMeant(configured, file, other.url())) {
				throw key.invalid(
						"names " + DatabasePath.absolute(Path.of(configured)) + ", but the " + other + " opens " + file
								+ ", which differs only by its spelling or by the working directory",
						"Write the same absolute path here and after 'jdbc:sqlite:' in the JDBC URL.");
			}
		}
	}

	private void requireFile(PropertyKey key, String configured, List<KnownDataSource> others) {
		if (this.dataSources.complete() && this.dataSources.sqlite().stream().allMatch(KnownDataSource::inMemory)) {
			throw key.invalid(
					"names " + configured + ", but the " + others.get(0)
							+ " has its database in memory, where there is no WAL to replicate",
					"Write 'jdbc:sqlite:" + configured + "' as the JDBC URL, or set litestream.enabled=false.");
		}
	}

	/**
	 * With one of each there is hardly another meaning; who has it in mind says so by
	 * ignoring what the doctor would find otherwise.
	 */
	private void requireTheOnlyOne(PropertyKey key, String configured, List<KnownDataSource> others) {
		Path file = others.get(0).file();
		boolean oneOfEach = this.properties.getDbs().size() == 1 && this.litestream.databases().size() == 1
				&& this.dataSources.complete() && this.dataSources.sqlite().size() == 1;
		if (oneOfEach && file != null && !this.properties.getDoctor().getIgnore().contains(NOT_OPENED)) {
			throw key.invalid(
					"names " + DatabasePath.absolute(Path.of(configured)) + ", but the " + others.get(0)
							+ ", the only one of SQLite, opens " + file + ": what it writes would not be replicated",
					"Name the same file here and after 'jdbc:sqlite:' in the JDBC URL. If another program writes to "
							+ configured + " and " + file.getFileName()
							+ " is not to be replicated, set litestream.doctor.ignore=" + NOT_OPENED + ".");
		}
	}

	private static boolean isMeant(String configured, Path file, String url) {
		Path path = Path.of(configured);
		if (DatabasePath.absolute(path).toString().equalsIgnoreCase(file.toString())) {
			return true;
		}
		Path tail = relative(configured);
		if (tail != null && file.endsWith(tail)) {
			return true;
		}
		String location = SqliteUrl.location(url).replaceFirst("^file:", "");
		int parameters = location.indexOf('?');
		Path opened = relative((parameters >= 0) ? location.substring(0, parameters) : location);
		return opened != null && DatabasePath.absolute(path).endsWith(opened);
	}

	/** What is left without the part that a working or home directory stands for. */
	private static @Nullable Path relative(String path) {
		if (path.startsWith("~/")) {
			return Path.of(path.substring(2)).normalize();
		}
		Path normalized = Path.of(path).normalize();
		return (normalized.isAbsolute() || normalized.startsWith("..")) ? null : normalized;
	}

}
