package dev.litestream.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.StringUtils;

/**
 * One application of the matrix on a disk that it can lose, with replicas elsewhere. The
 * sync interval is an hour: what reaches a replica was signalled by a commit, or asked
 * for.
 *
 * @param data the disk
 * @param replicas URL below which each database has its replica
 * @param persistence how it reads and writes
 * @param migration what creates its tables
 * @param pooling its DataSources
 */
record Installation(Path data, String replicas, Persistence persistence, Migration migration, Pooling pooling) {

	ConfigurableApplicationContext start() {
		createDisk();
		List<Class<?>> sources = new ArrayList<>(this.pooling.configurations());
		sources.add(NotesApplication.class);
		sources.add(this.persistence.configuration());
		List<String> properties = new ArrayList<>(this.migration.properties());
		properties.addAll(this.pooling.properties());
		properties.add("spring.datasource.url=" + url("first"));
		properties.add("test.second-url=" + url("second"));
		properties.add("spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect");
		properties.add("spring.jpa.hibernate.ddl-auto=validate");
		properties.add("spring.jpa.open-in-view=false");
		List<String> databases = (this.pooling == Pooling.TWO_DATA_SOURCES) ? List.of("first", "second")
				: List.of("first");
		for (int i = 0; i < databases.size(); i++) {
			String key = "litestream.dbs[" + i + "].";
			properties.add(key + "path=" + file(databases.get(i)));
			properties.add(key + "sync-interval=1h");
			properties.add(key + "replica.url=" + this.replicas + "/" + databases.get(i));
			if (this.replicas.startsWith("nats:")) {
				properties.add(key + "replica.bucket.create=true");
			}
		}
		return new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).web(WebApplicationType.NONE)
			.registerShutdownHook(false)
			.run(properties.stream().map("--"::concat).toArray(String[]::new));
	}

	private void createDisk() {
		try {
			Files.createDirectories(this.data);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Path file(String name) {
		return this.data.resolve(name + ".db");
	}

	private String url(String name) {
		return "jdbc:sqlite:" + file(name) + this.pooling.parameters();
	}

	/**
	 * All that is on the disk is gone: databases, their WALs and the local spool. At
	 * once, as the application may still write.
	 */
	void loseDisk() {
		try {
			if (Files.exists(this.data)) {
				Files.move(this.data, Files.createTempDirectory(this.data.getParent(), "lost").resolve("data"));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** For a command line. */
	String[] toArguments() {
		return new String[] { this.data.toString(), this.replicas, this.persistence.name(), this.migration.name(),
				this.pooling.name() };
	}

	static Installation ofArguments(String[] arguments) {
		return new Installation(Path.of(arguments[0]), arguments[1], Persistence.valueOf(arguments[2]),
				Migration.valueOf(arguments[3]), Pooling.valueOf(arguments[4]));
	}

	@Override
	public String toString() {
		return StringUtils.collectionToDelimitedString(List.of(this.persistence, this.migration, this.pooling), " ");
	}

}
