package dev.litestream.spring.autoconfigure.observation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import dev.litestream.DatabaseOptions;
import dev.litestream.Litestream;
import dev.litestream.Operation;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestoreTarget;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.OperationObservationContext;
import dev.litestream.spring.OperationObservationConvention;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.metrics.LitestreamMetricsAutoConfiguration;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class LitestreamObservationAutoConfigurationTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LitestreamObservationAutoConfiguration.class,
				LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues("litestream.dbs[0].name=notes");

	@Test
	void operationsAreObservedWithTheirOutcome() {
		NotesDatabase notes = notes();
		TestObservationRegistry registry = TestObservationRegistry.create();
		this.context.withBean(ObservationRegistry.class, () -> registry)
			.withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url())
			.run((context) -> {
				ReplicatedDatabase database = database(context.getBean(Litestream.class));
				database.snapshot(LONG);
				database.snapshot(LONG);
				database.verify();
				Path copy = this.directory.resolve("copy.db");
				database.restoreTo(copy, RestoreTarget.LATEST);
				assertThatExceptionOfType(RestoreFailedException.class)
					.isThrownBy(() -> database.restoreTo(copy, RestoreTarget.LATEST));
				assertObserved(registry, "snapshot", "succeeded");
				assertObserved(registry, "snapshot", "skipped");
				assertObserved(registry, "verification", "succeeded");
				assertObserved(registry, "restore", "succeeded");
				assertObserved(registry, "restore", "failed");
				assertThat(registry).hasNumberOfObservationsEqualTo(5);
				assertThat(registry).doesNotHaveAnyRemainingCurrentObservation();
				assertThat(registry).hasAnObservation(
						(observation) -> observation.hasError().hasLowCardinalityKeyValue("operation", "restore"));
			});
	}

	@Test
	void compactionsAreObserved() {
		NotesDatabase notes = notes();
		TestObservationRegistry registry = TestObservationRegistry.create();
		this.context.withBean(ObservationRegistry.class, () -> registry)
			.withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url(), "litestream.levels[0].interval=100ms",
					"litestream.levels[1].interval=1h", "litestream.dbs[0].sync-interval=100ms")
			.run((context) -> {
				database(context.getBean(Litestream.class));
				NotesDatabase.insert(context.getBean(DataSource.class), "bread");
				await().atMost(LONG).untilAsserted(() -> assertObserved(registry, "compaction", "succeeded"));
			});
	}

	private void assertObserved(TestObservationRegistry registry, String operation, String outcome) {
		assertThat(registry).hasAnObservation((observation) -> observation.hasNameEqualTo("litestream.operation")
			.hasContextualNameEqualTo("litestream " + operation + " notes")
			.hasLowCardinalityKeyValue("database", "notes")
			.hasLowCardinalityKeyValue("db", new NotesDatabase(this.directory).path().toString())
			.hasLowCardinalityKeyValue("operation", operation)
			.hasLowCardinalityKeyValue("outcome", outcome));
	}

	@Test
	void observationsBecomeTimersAndTheRestoreOfTheStartIsOneOfThem() {
		NotesDatabase notes = new NotesDatabase(this.directory).onlyInReplica("milk");
		this.context
			.withConfiguration(AutoConfigurations.of(LitestreamMetricsAutoConfiguration.class,
					MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
					SimpleMetricsExportAutoConfiguration.class, ObservationAutoConfiguration.class))
			.withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url())
			.run((context) -> {
				ReplicatedDatabase database = database(context.getBean(Litestream.class));
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				assertThat(restores(registry)).isEqualTo(1);
				database.restoreTo(this.directory.resolve("copy.db"), RestoreTarget.LATEST);
				assertThat(restores(registry)).isEqualTo(2);
			});
	}

	private long restores(MeterRegistry registry) {
		return registry.get("litestream.operation")
			.tags("database", "notes", "db", new NotesDatabase(this.directory).path().toString(), "operation",
					"restore", "outcome", "succeeded", "error", "none")
			.timer()
			.count();
	}

	@Test
	void restoreOfADatabaseThatIsBeingRegisteredKnowsItsFile() {
		NotesDatabase notes = notes();
		NotesDatabase other = new NotesDatabase(this.directory, "other").onlyInReplica("bread");
		TestObservationRegistry registry = TestObservationRegistry.create();
		this.context.withBean(ObservationRegistry.class, () -> registry)
			.withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url())
			.run((context) -> {
				context.getBean(LitestreamEngine.class)
					.register(DatabaseOptions.of(other.path()).build(), new FileReplicaClient(other.replica()));
				assertThat(registry)
					.hasAnObservation((observation) -> observation.hasLowCardinalityKeyValue("database", "other.db")
						.hasLowCardinalityKeyValue("db", other.path().toString())
						.hasLowCardinalityKeyValue("operation", "restore"));
			});
	}

	@Test
	void conventionCanBeReplaced() {
		NotesDatabase notes = notes();
		TestObservationRegistry registry = TestObservationRegistry.create();
		this.context.withBean(ObservationRegistry.class, () -> registry)
			.withBean(OperationObservationConvention.class, Custom::new)
			.withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url())
			.run((context) -> {
				database(context.getBean(Litestream.class)).snapshot(LONG);
				assertThat(registry).hasSingleObservationThat()
					.hasNameEqualTo("backup")
					.hasLowCardinalityKeyValue("kind", "SNAPSHOT");
			});
	}

	@Test
	void worksWithoutRegistry() {
		NotesDatabase notes = notes();
		this.context.withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url())
			.run((context) -> assertThat(database(context.getBean(Litestream.class)).snapshot(LONG)).isNotNull());
	}

	@Test
	void worksWithoutMicrometer() {
		NotesDatabase notes = notes();
		this.context.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url())
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean("litestreamObservations");
				assertThat(database(context.getBean(Litestream.class)).snapshot(LONG)).isNotNull();
			});
	}

	private NotesDatabase notes() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(SCHEMA, "milk");
		return notes;
	}

	private static ReplicatedDatabase database(Litestream litestream) throws InterruptedException {
		ReplicatedDatabase database = litestream.databases().get(0);
		assertThat(database.sync(LONG)).isTrue();
		return database;
	}

	static class Custom extends OperationObservationConvention {

		@Override
		public String getName() {
			return "backup";
		}

		@Override
		public KeyValues getLowCardinalityKeyValues(OperationObservationContext context) {
			Operation operation = context.getOperation();
			return KeyValues.of("kind", operation.name());
		}

	}

}
