package dev.litestream.spring.autoconfigure.health;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.test.NatsServer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class LitestreamHealthContributorAutoConfigurationTests {

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withPropertyValues("spring.datasource.url=jdbc:sqlite::memory:")
		.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
				LitestreamHealthContributorAutoConfiguration.class, DataSourceAutoConfiguration.class,
				HealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class));

	@Test
	void databaseThatIsSwitchedOffIsOutOfServiceAndNeitherRestoredNorReplicated() {
		NotesDatabase on = new NotesDatabase(this.directory, "on");
		NotesDatabase off = new NotesDatabase(this.directory, "off").onlyInReplica("milk");
		on.create(SCHEMA, "bread");
		this.context.withPropertyValues(off.properties(0))
			.withPropertyValues(on.properties(1))
			.withPropertyValues("litestream.dbs[0].enabled=false", "spring.datasource.url=" + on.url())
			.run((context) -> {
				Litestream litestream = context.getBean(Litestream.class);
				assertThat(litestream.databases()).singleElement()
					.satisfies((database) -> assertThat(database.sync(Duration.ofSeconds(30))).isTrue());
				assertThat(off.path()).doesNotExist();
				Health health = health(context, "off.db");
				assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
				assertThat(health.getDetails().get("reason").toString()).contains("litestream.dbs[].enabled");
				assertThat(health(context, "on.db").getStatus()).isEqualTo(Status.UP);
				CompositeHealthContributor composite = context.getBean(CompositeHealthContributor.class);
				assertThat(composite.stream()).extracting(HealthContributors.Entry::name)
					.containsExactly("on.db", "off.db");
			});
	}

	@Test
	void eachDatabaseIsComponent() {
		NotesDatabase first = new NotesDatabase(this.directory, "first");
		NotesDatabase second = new NotesDatabase(this.directory, "second");
		first.create(SCHEMA, "milk");
		this.context.withPropertyValues(first.properties(0))
			.withPropertyValues(second.properties(1))
			.withPropertyValues("litestream.dbs[1].name=later", "spring.datasource.url=" + first.url())
			.run((context) -> {
				assertThat(context.getBean(Litestream.class).databases().get(0).sync(Duration.ofSeconds(30))).isTrue();
				Health health = health(context, "first.db");
				assertThat(health.getStatus()).isEqualTo(Status.UP);
				assertThat(health.getDetails()).containsEntry("state", ReplicationState.REPLICATING)
					.containsKeys("lag", "lastSync")
					.containsEntry("txid", health.getDetails().get("replicatedTxid"));
				assertThat(health.getDetails().get("replica").toString()).contains(first.replica().toString());
				assertThat(health(context, "later").getStatus()).isEqualTo(Status.UNKNOWN);
				assertThat(health(context, "later").getDetails()).as("nothing is known")
					.doesNotContainKeys("txid", "replicatedTxid");
			});
	}

	@Test
	void downWhileReplicaIsAwayAndUpAgain() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(SCHEMA, "milk");
		try (NatsServer server = NatsServer.start()) {
			this.context
				.withPropertyValues("litestream.dbs[0].path=" + notes.path(),
						"litestream.dbs[0].replica.url=" + server.url("notes"),
						"litestream.dbs[0].replica.bucket.create=true",
						"litestream.dbs[0].replica.reconnect-wait=100ms", "spring.datasource.url=" + notes.url())
				.run((context) -> {
					awaitStatus(context, Status.UP);
					server.stop();
					NotesDatabase.insert(context.getBean(DataSource.class), "bread");
					awaitStatus(context, Status.DOWN);
					assertThat(health(context, "notes.db").getDetails().get("lastError")).asString().isNotBlank();
					server.restart();
					awaitStatus(context, Status.UP);
					assertThat(health(context, "notes.db").getDetails()).doesNotContainKey("lastError");
				});
		}
	}

	@ParameterizedTest
	@CsvSource({ ", DOWN", "up, UP", "out-of-service, OUT_OF_SERVICE" })
	void lostConnectionOfAnIdleDatabaseShowsAtOnceAndStopsTheClock(@Nullable String setting, String expected) {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(SCHEMA, "milk");
		try (NatsServer server = NatsServer.start()) {
			this.context
				.withPropertyValues("litestream.dbs[0].path=" + notes.path(),
						"litestream.dbs[0].replica.url=" + server.url("notes"),
						"litestream.dbs[0].replica.bucket.create=true",
						"litestream.dbs[0].replica.reconnect-wait=100ms", "spring.datasource.url=" + notes.url())
				.withPropertyValues((setting != null) ? new String[] { "litestream.health.disconnected=" + setting }
						: new String[0])
				.run((context) -> {
					awaitStatus(context, Status.UP);
					ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
					assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
					assertThat(health(context, "notes.db").getDetails()).containsEntry("connected", true);
					server.kill();
					Awaitility.await()
						.atMost(Duration.ofSeconds(10))
						.untilAsserted(() -> assertThat(health(context, "notes.db").getDetails())
							.containsEntry("connected", false));
					Instant lastSync = database.status().lastSync();
					long syncs = database.status().counters().syncs();
					// the third begins when the two before are over
					Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
						assertThat(database.sync(Duration.ofSeconds(30))).as("nothing waits").isTrue();
						return database.status().counters().syncs() >= syncs + 3;
					});
					assertThat(database.status().lastSync()).isEqualTo(lastSync);
					Awaitility.await()
						.atMost(Duration.ofSeconds(30))
						.untilAsserted(() -> assertThat(database.status().state())
							.isEqualTo(ReplicationState.REPLICA_UNAVAILABLE));
					assertThat(health(context, "notes.db").getDetails())
						.hasEntrySatisfying("lastError",
								(error) -> assertThat(error).asString()
									.contains(database.status().replica(), "out of reach", "connection was lost at 20",
											"Start the NATS server", "Nothing waits for it", "-litestream and sent"))
						.containsKey("lastErrorAt");
					assertThat(health(context, "notes.db").getStatus()).isEqualTo(new Status(expected));
					server.restart();
					Awaitility.await()
						.atMost(Duration.ofSeconds(30))
						.untilAsserted(() -> assertThat(health(context, "notes.db").getDetails())
							.containsEntry("connected", true));
					awaitStatus(context, Status.UP);
					Awaitility.await()
						.atMost(Duration.ofSeconds(30))
						.untilAsserted(() -> assertThat(database.status().lastSync()).isAfter(lastSync));
					assertThat(database.status().state()).isEqualTo(ReplicationState.REPLICATING);
					assertThat(health(context, "notes.db").getDetails()).doesNotContainKey("lastError");
				});
		}
	}

	@Test
	void backsOffWhenSwitchedOff() {
		this.context.withPropertyValues(new NotesDatabase(this.directory).properties())
			.withPropertyValues("management.health.litestream.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean("litestreamHealthContributor"));
	}

	@Test
	void backsOffWithoutDatabases() {
		this.context
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("litestreamHealthContributor"));
	}

	@Test
	void contributorOfTheApplicationWins() {
		this.context.withPropertyValues(new NotesDatabase(this.directory).properties())
			.withBean("litestreamHealthIndicator", HealthIndicator.class, () -> () -> Health.up().build())
			.run((context) -> assertThat(context).doesNotHaveBean("litestreamHealthContributor"));
	}

	private void awaitStatus(ApplicationContext context, Status status) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(health(context, "notes.db").getStatus()).isEqualTo(status));
	}

	private Health health(ApplicationContext context, String name) {
		CompositeHealthContributor litestream = context.getBean("litestreamHealthContributor",
				CompositeHealthContributor.class);
		return ((HealthIndicator) litestream.getContributor(name)).health();
	}

}
