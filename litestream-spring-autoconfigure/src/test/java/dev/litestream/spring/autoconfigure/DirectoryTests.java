package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.litestream.DatabaseOptions;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.autoconfigure.health.LitestreamHealthContributorAutoConfiguration;
import dev.litestream.spring.autoconfigure.metrics.LitestreamMetricsAutoConfiguration;
import dev.litestream.test.NatsServer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * All databases of a directory, by configuration.
 */
class DirectoryTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	@TempDir
	Path directory;

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
				LitestreamHealthContributorAutoConfiguration.class, LitestreamMetricsAutoConfiguration.class,
				HealthContributorAutoConfiguration.class, MetricsAutoConfiguration.class,
				CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class));

	@Test
	void databasesOfOneDirectoryShareABucket() throws Exception {
		create("a.db");
		create("tenants/b.db");
		try (NatsServer server = NatsServer.start()) {
			this.context
				.withPropertyValues("litestream.dbs[0].dir=" + data(""), "litestream.dbs[0].pattern=*.db",
						"litestream.dbs[0].recursive=true", "litestream.dbs[0].name=all",
						"litestream.dbs[0].meta-path=" + this.directory.resolve("spools"),
						"litestream.dbs[0].replica.url=" + server.url("notes") + "/base",
						"litestream.dbs[0].replica.bucket.create=true")
				.run((context) -> {
					Litestream litestream = context.getBean(Litestream.class);
					assertThat(litestream.databases()).extracting(ReplicatedDatabase::name)
						.containsExactly("all:a.db", "all:tenants:b.db");
					for (ReplicatedDatabase database : litestream.databases()) {
						assertThat(database.sync(LONG)).isTrue();
					}
					assertThat(litestream.databases().get(1).status().replica()).endsWith("/notes/base/tenants/b.db");
					assertThat(this.directory.resolve("spools/tenants/.b.db-litestream/ltx")).isDirectory();
				});
			Path copy = this.directory.resolve("copy.db");
			try (LitestreamEngine engine = LitestreamEngine.builder()
				.database(DatabaseOptions.of(copy).build(),
						new NatsReplicaClient(
								NatsReplicaUrl.parse(server.url("notes") + "/base/tenants/b.db").toOptions().build()))
				.build()) {
				assertThat(engine.restore()).hasSize(1);
			}
			assertThat(copy).exists();
		}
	}

	@Test
	void healthAndMetersFollowTheDatabases() throws Exception {
		create("a.db");
		this.context
			.withPropertyValues("litestream.dbs[0].dir=" + data(""), "litestream.dbs[0].pattern=*.db",
					"litestream.dbs[0].watch=true", "litestream.dbs[0].sync-interval=50ms",
					"litestream.dbs[0].replica.path=" + this.directory.resolve("replica"))
			.run((context) -> {
				awaitDatabases(context, "a.db");
				create("later.db");
				awaitDatabases(context, "a.db", "later.db");
				assertThat(this.directory.resolve("replica/later.db/ltx/0")).isDirectory();
				for (String file : List.of("a.db", "a.db-wal", "a.db-shm")) {
					Files.deleteIfExists(data(file));
				}
				awaitDatabases(context, "later.db");
			});
	}

	@Test
	void databaseMissingInTheDirectoryStopsNothing() throws Exception {
		create("a.db");
		NotesDatabase lost = new NotesDatabase(this.directory, "lost").onlyInReplica("milk");
		Files.createDirectories(this.directory.resolve("replica"));
		Files.move(lost.replica(), this.directory.resolve("replica/lost.db"));
		this.context
			.withPropertyValues("litestream.dbs[0].dir=" + data(""), "litestream.dbs[0].pattern=*.db",
					"litestream.dbs[0].replica.path=" + this.directory.resolve("replica"))
			.run((context) -> awaitDatabases(context, "a.db"));
		assertThat(lost.path()).doesNotExist();
	}

	private void awaitDatabases(ApplicationContext context, String... names) {
		Awaitility.await().atMost(LONG).untilAsserted(() -> {
			CompositeHealthContributor health = context.getBean("litestreamHealthContributor",
					CompositeHealthContributor.class);
			assertThat(health.stream().map(HealthContributors.Entry::name)).containsExactlyInAnyOrder(names);
			Set<String> paths = new TreeSet<>();
			for (String name : names) {
				paths.add(data(name).toRealPath().toString());
				HealthIndicator indicator = (HealthIndicator) health.getContributor(name);
				assertThat(indicator).isNotNull();
				assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
			}
			assertThat(tags(context.getBean(MeterRegistry.class))).isEqualTo(paths);
			assertThat(health.getContributor("gone.db")).isNull();
		});
	}

	private static Set<String> tags(MeterRegistry registry) {
		Set<String> tags = new TreeSet<>();
		for (Meter meter : registry.getMeters()) {
			if (meter.getId().getName().startsWith("litestream.")) {
				tags.add(String.valueOf(meter.getId().getTag("db")));
			}
		}
		return tags;
	}

	private Path data(String name) {
		return this.directory.resolve("data").resolve(name).normalize();
	}

	private void create(String name) throws Exception {
		try {
			Files.createDirectories(data(name).getParent());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data(name));
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE t(v)");
			statement.execute("INSERT INTO t VALUES(1)");
		}
	}

}
