package dev.litestream.spring.autoconfigure.metrics;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.VerificationOutcome;
import dev.litestream.spring.LitestreamMetrics;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class LitestreamMetricsAutoConfigurationTests {

	@TempDir
	Path directory;

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
				LitestreamMetricsAutoConfiguration.class, DataSourceAutoConfiguration.class));

	private ApplicationContextRunner contextWithRegistry() {
		return this.context.withConfiguration(
				AutoConfigurations.of(MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
						SimpleMetricsExportAutoConfiguration.class, DataSourcePoolMetricsAutoConfiguration.class));
	}

	@Test
	void bindsMetersOfEachDatabase() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		contextWithRegistry().withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url())
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				NotesDatabase.insert(context.getBean(DataSource.class), "bread");
				ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
				assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
				assertThat(registry.get("litestream.verification.age").timeGauge().value(TimeUnit.SECONDS)).isNaN();
				assertThat(gauge(registry, "litestream.verification.txid")).isNaN();
				assertThat(database.verify().outcome()).isEqualTo(VerificationOutcome.VERIFIED);
				assertThat(gauge(registry, "litestream.verification.txid"))
					.isEqualTo(database.status().replicatedTxid().value());
				assertThat(gauge(registry, "litestream.verification.failing")).isZero();
				assertThat(registry.get("litestream.verification.age").timeGauge().value(TimeUnit.SECONDS))
					.isBetween(0.0, 600.0);
				assertThat(registry.get("litestream.verification.count")
					.tag("outcome", "verified")
					.functionCounter()
					.count()).isEqualTo(1);
				assertThat(count(registry, "litestream.verification.seconds")).isPositive().isLessThan(600);
				assertThat(gauge(registry, "litestream.txid")).isEqualTo(database.status().txid().value()).isPositive();
				assertThat(gauge(registry, "litestream.replicated.txid")).isEqualTo(gauge(registry, "litestream.txid"));
				assertThat(gauge(registry, "litestream.db.size")).isEqualTo(Files.size(notes.path()));
				assertThat(gauge(registry, "litestream.wal.size")).isPositive();
				assertThat(registry.get("litestream.replication.lag").timeGauge().value(TimeUnit.SECONDS)).isZero();
				assertThat(count(registry, "litestream.sync.count")).isPositive();
				assertThat(count(registry, "litestream.sync.seconds")).isPositive().isLessThan(600);
				assertThat(puts(registry, "litestream.replica.operation")).isPositive();
				assertThat(puts(registry, "litestream.replica.operation.bytes")).isGreaterThan(100);
				assertThat(registry.find("litestream.compaction.count").functionCounters())
					.extracting((counter) -> counter.getId().getTag("level"))
					.containsExactlyInAnyOrder("1", "2", "3", "9");
				assertThat(
						registry.get("litestream.resync.count").tag("reason", "first_sync").functionCounter().count())
					.isEqualTo(1);
				assertThat(registry.get("litestream.resync.count").tag("reason", "wal_reset").functionCounter().count())
					.isZero();
				for (Meter meter : registry.getMeters()) {
					if (meter.getId().getName().startsWith("litestream.")
							&& !meter.getId().getName().startsWith("litestream.operation")) {
						assertThat(meter.getId().getTag("db")).isEqualTo(database.path().toString());
						assertThat(meter.getId().getDescription()).isNotBlank();
					}
				}
			});
	}

	@Test
	void countsCompactionsByLevel() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		contextWithRegistry().withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url(), "litestream.levels[0].interval=100ms",
					"litestream.levels[1].interval=1h", "litestream.dbs[0].sync-interval=100ms")
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				NotesDatabase.insert(context.getBean(DataSource.class), "bread");
				ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
				assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
				// a single file that holds everything is nothing to compact
				NotesDatabase.insert(context.getBean(DataSource.class), "butter");
				assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
				await().atMost(Duration.ofSeconds(30)).until(() -> compacted(registry, "count") > 0);
				assertThat(compacted(registry, "bytes")).isGreaterThan(100);
				assertThat(compacted(registry, "error.count")).isZero();
			});
	}

	private static double compacted(MeterRegistry registry, String name) {
		return registry.get("litestream.compaction." + name).tag("level", "1").functionCounter().count();
	}

	@Test
	void poolHasItsOwnMetersStill() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		contextWithRegistry().withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url())
			.run((context) -> {
				context.getBean(DataSource.class).getConnection().close();
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				assertThat(registry.get("hikaricp.connections.acquire").timer().count()).isPositive();
			});
	}

	@Test
	void backsOffWithoutRegistry() {
		this.context.withPropertyValues(new NotesDatabase(this.directory).properties())
			.withPropertyValues("spring.datasource.url=jdbc:sqlite::memory:")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LitestreamMetrics.class));
	}

	@Test
	void backsOffWithoutMicrometer() {
		this.context.withPropertyValues(new NotesDatabase(this.directory).properties())
			.withPropertyValues("spring.datasource.url=jdbc:sqlite::memory:")
			.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("litestreamMetrics"));
	}

	@Test
	void backsOffWithoutDatabases() {
		contextWithRegistry().withPropertyValues("spring.datasource.url=jdbc:sqlite::memory:")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LitestreamMetrics.class));
	}

	private static double gauge(MeterRegistry registry, String name) {
		return registry.get(name).gauge().value();
	}

	private static double puts(MeterRegistry registry, String name) {
		return registry.get(name).tag("operation", "PUT").tag("replica.type", "file").functionCounter().count();
	}

	private static double count(MeterRegistry registry, String name) {
		return registry.get(name).functionCounter().count();
	}

}
