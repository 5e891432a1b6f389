package dev.litestream.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.sql.DataSource;

import dev.litestream.Durability;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.metrics.LitestreamMetricsAutoConfiguration;
import dev.litestream.test.NatsServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.nats.client.Connection;
import io.nats.client.Nats;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application's properties against a real NATS server that asks for a password.
 */
class NatsReplicaTests {

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	@Test
	void twoDatabasesShareBucketAndComeBack() {
		NotesDatabase first = new NotesDatabase(this.directory, "first");
		NotesDatabase second = new NotesDatabase(this.directory, "second");
		first.create(SCHEMA, "milk");
		second.create(SCHEMA, "bread");
		try (NatsServer server = NatsServer.builder()
			.config("authorization { user: app, password: \"s/cr@t\" }")
			.start()) {
			ApplicationContextRunner context = new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
				.withPropertyValues(replica(0, first, server))
				.withPropertyValues(replica(1, second, server))
				.withPropertyValues("spring.datasource.url=" + first.url());
			context.run((started) -> {
				assertThat(started).hasNotFailed();
				NotesDatabase.insert(started.getBean(DataSource.class), "butter");
			});
			first.delete();
			second.delete();
			context.run((started) -> {
				assertThat(started).hasNotFailed();
				assertThat(NotesDatabase.notes(started.getBean(DataSource.class))).containsExactly("milk", "butter");
			});
			context.withPropertyValues("spring.datasource.url=" + second.url())
				.run((started) -> assertThat(NotesDatabase.notes(started.getBean(DataSource.class)))
					.containsExactly("bread"));
		}
	}

	@Test
	void metersAndHealthShowWhatTheBucketHolds() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(SCHEMA, "milk");
		try (NatsServer server = NatsServer.start()) {
			ApplicationContextRunner runner = new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
						DataSourceAutoConfiguration.class, LitestreamMetricsAutoConfiguration.class,
						MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
						SimpleMetricsExportAutoConfiguration.class))
				.withPropertyValues("litestream.dbs[0].path=" + notes.path(),
						"litestream.dbs[0].replica.url=" + server.url("metered"),
						"litestream.dbs[0].replica.bucket.create=true", "spring.datasource.url=" + notes.url());
			runner.run((context) -> assertThat(
					context.getBean(Litestream.class).databases().get(0).sync(Duration.ofSeconds(30)))
				.isTrue());
			runner.run((context) -> {
				ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
				assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				await().atMost(Duration.ofSeconds(60))
					.until(() -> registry.get("litestream.replica.objects").tag("level", "0").gauge().value() > 0);
				assertThat(registry.get("litestream.replica.size").tag("level", "0").gauge().value()).isPositive();
				assertThat(registry.get("litestream.replica.objects").tag("level", "9").gauge().value()).isNotNaN();
				assertThat(registry.get("litestream.replica.store.size").gauge().value()).isPositive();
				assertThat(registry.get("litestream.replica.store.limit").gauge().value()).isNaN();
				assertThat(registry.get("litestream.replica.store.messages").gauge().value()).isPositive();
				assertThat(registry.get("litestream.replica.copies").gauge().value()).isEqualTo(1);
				assertThat(registry.get("litestream.replica.copies.current").gauge().value()).isEqualTo(1);
				assertThat(registry.get("litestream.replica.copies.lag").gauge().value()).isZero();
				assertThat(registry.get("litestream.replica.phantoms").gauge().value()).isZero();
				assertThat(registry.get("litestream.replica.connected").gauge().value()).isEqualTo(1);
				assertThat(registry.get("litestream.replica.reconnects").functionCounter().count()).isZero();
				assertThat(registry.get("litestream.replica.round.trip").timeGauge().value(TimeUnit.SECONDS))
					.isPositive();
				Health health = new LitestreamHealthIndicator(database, Duration.ofMinutes(1)).health();
				assertThat(health.getDetails().get("usage")).asInstanceOf(InstanceOfAssertFactories.MAP)
					.containsEntry("connection", "CONNECTED")
					.containsKeys("objects", "bytes", "storeBytes");
			});
		}
	}

	@Test
	void aStrangeNameAmongTheFilesTakesHealthDownUntilItIsDeleted() throws Exception {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(SCHEMA, "milk");
		try (NatsServer server = NatsServer.start(); Connection nats = Nats.connect(server.url())) {
			ApplicationContextRunner runner = new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
				.withPropertyValues("litestream.dbs[0].path=" + notes.path(),
						"litestream.dbs[0].replica.url=" + server.url("strange"),
						"litestream.dbs[0].replica.bucket.create=true", "spring.datasource.url=" + notes.url());
			runner.run((context) -> {
				ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
				assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
				nats.objectStore("strange").put("ltx/0/garbage", new byte[] { 1 });
				LitestreamHealthIndicator health = new LitestreamHealthIndicator(database, Duration.ofMinutes(1));
				await().atMost(Duration.ofSeconds(90))
					.untilAsserted(() -> assertThat(health.health().getStatus()).isEqualTo(Status.DOWN));
				assertThat(health.health().getDetails().get("findings")).asString()
					.contains("'ltx/0/garbage'", "`nats object del strange ltx/0/garbage`");
				nats.objectStore("strange").delete("ltx/0/garbage");
				await().atMost(Duration.ofSeconds(90))
					.untilAsserted(() -> assertThat(health.health().getStatus()).isEqualTo(Status.UP));
				nats.objectStore("strange").put("ltx/0/garbage", new byte[] { 1 });
			});
			notes.delete();
			runner.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("`nats object del strange ltx/0/garbage`"));
			nats.objectStore("strange").delete("ltx/0/garbage");
			runner
				.run((context) -> assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).contains("milk"));
		}
	}

	@Test
	void missingBucketStopsTheRestoreWithTheCommandThatCreatesIt() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		try (NatsServer server = NatsServer.start()) {
			new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
				.withPropertyValues("litestream.dbs[0].path=" + notes.path(),
						"litestream.dbs[0].replica.url=" + server.url("absent"))
				.run((context) -> {
					assertThat(context).hasFailed();
					assertThat(context.getStartupFailure()).hasStackTraceContaining("nats object add absent");
				});
		}
	}

	@ParameterizedTest
	@CsvSource({ "fail, cannot be used", "continue, could not be restored", "wait, interrupted" })
	void missingDatabaseAndServerStopTheStart(String startup, String message) throws Exception {
		NotesDatabase notes = new NotesDatabase(this.directory);
		String url;
		try (NatsServer server = NatsServer.start()) {
			url = server.url("away");
		}
		Thread start = Thread.currentThread();
		Thread impatient = new Thread(() -> {
			// as long as it waits, nothing else happens: then the operator gives up
			await().atMost(Duration.ofSeconds(60))
				.until(() -> start.getState() == Thread.State.TIMED_WAITING && Stream.of(start.getStackTrace())
					.anyMatch((frame) -> frame.getClassName().endsWith("StartupCheck")));
			start.interrupt();
		});
		if (startup.equals("wait")) {
			impatient.start();
		}
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
			.withPropertyValues("litestream.dbs[0].path=" + notes.path(), "litestream.dbs[0].replica.url=" + url,
					"litestream.dbs[0].replica.startup=" + startup)
			.run((context) -> {
				boolean interrupted = Thread.interrupted();
				assertThat(interrupted).isEqualTo(startup.equals("wait"));
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure().getCause() + "" + context.getStartupFailure())
					.containsIgnoringCase(message);
				assertThat(notes.path()).doesNotExist();
			});
		impatient.join();
	}

	@Test
	void startsWithoutServerAndSaysSo() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(SCHEMA, "milk");
		try (NatsServer server = NatsServer.start()) {
			server.stop();
			ApplicationContextRunner context = new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
				.withPropertyValues(replica(0, notes, server))
				.withPropertyValues("spring.datasource.url=" + notes.url(), "litestream.shutdown-sync-timeout=1s");
			context.withPropertyValues("litestream.dbs[0].replica.startup=fail").run((started) -> {
				assertThat(started).hasFailed();
				assertThat(started.getStartupFailure()).hasStackTraceContaining("replica.startup=continue");
			});
			context.run((started) -> {
				assertThat(started).hasNotFailed();
				NotesDatabase.insert(started.getBean(DataSource.class), "butter");
				ReplicatedDatabase database = started.getBean(Litestream.class).databases().get(0);
				LitestreamHealthIndicator health = new LitestreamHealthIndicator(database, Duration.ofSeconds(30));
				await().atMost(Duration.ofSeconds(60))
					.untilAsserted(() -> assertThat(health.health().getStatus()).isEqualTo(Status.DOWN));
				assertThat(String.valueOf(health.health().getDetails().get("lastError")))
					.contains("No NATS server can be reached");
				server.restart();
				await().atMost(Duration.ofSeconds(60))
					.untilAsserted(() -> assertThat(health.health().getStatus()).isEqualTo(Status.UP));
				assertThat(health.health().getDetails()).containsEntry("durability", Durability.SERVER);
			});
		}
	}

	@Test
	void replicaThatIsNotDurableEnoughStopsTheStart() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(SCHEMA, "milk");
		try (NatsServer server = NatsServer.start()) {
			ApplicationContextRunner context = new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
				.withPropertyValues("litestream.dbs[0].path=" + notes.path(),
						"litestream.dbs[0].replica.url=" + server.url("shared"),
						"litestream.dbs[0].replica.bucket.create=true",
						"litestream.dbs[0].replica.require-durability=server-synced");
			context.run((started) -> {
				assertThat(started).hasFailed();
				assertThat(started.getStartupFailure())
					.hasStackTraceContaining("offers server, but litestream.replica.require-durability"
							+ " is server-synced: what it acknowledges may not survive server-power, site-power");
			});
			context.withPropertyValues("litestream.dbs[0].replica.sync-always=true")
				.run((started) -> assertThat(started).hasNotFailed());
		}
	}

	private String[] replica(int index, NotesDatabase notes, NatsServer server) {
		String prefix = "litestream.dbs[" + index + "].";
		return new String[] { prefix + "path=" + notes.path(), prefix + "replica.url=" + server.url("shared"),
				prefix + "replica.path=app" + index, prefix + "replica.username=app",
				prefix + "replica.password=s/cr@t", prefix + "replica.bucket.create=true" };
	}

}
