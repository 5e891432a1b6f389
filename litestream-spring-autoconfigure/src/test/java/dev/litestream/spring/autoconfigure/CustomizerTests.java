package dev.litestream.spring.autoconfigure;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import dev.litestream.DatabaseOptions;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationEvent;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.autoconfigure.health.LitestreamHealthContributorAutoConfiguration;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What an application changes by beans of its own.
 */
class CustomizerTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void prepare() {
		this.notes = new NotesDatabase(this.directory);
		this.context = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
					LitestreamHealthContributorAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + this.notes.url(),
					"litestream.dbs[0].path=" + this.notes.path());
	}

	@Test
	void engineIsChangedInTheOrderOfTheBeans() {
		this.notes.create(SCHEMA, "milk");
		NotesDatabase second = new NotesDatabase(this.directory, "second");
		second.create(SCHEMA, "bread");
		this.context.withPropertyValues(this.notes.properties())
			.withUserConfiguration(Engine.class)
			.withBean(NotesDatabase.class, () -> second)
			.run((context) -> {
				Litestream litestream = context.getBean(Litestream.class);
				assertThat(litestream.databases()).extracting(ReplicatedDatabase::name)
					.containsExactly("notes.db", "second");
				assertThat(litestream.database("second")).isNotNull()
					.satisfies((database) -> assertThat(database.sync(LONG)).isTrue());
				Engine engine = context.getBean(Engine.class);
				assertThat(engine.called).startsWith("first", "second");
				await().atMost(LONG).until(() -> engine.called.contains("started second"));
			});
		assertThat(second.notesInReplica()).containsExactly("bread");
	}

	@Configuration(proxyBeanMethods = false)
	static class Engine {

		private final List<String> called = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		LitestreamCustomizer last() {
			return (builder) -> this.called.add("second");
		}

		@Bean
		@Order(1)
		LitestreamCustomizer first(NotesDatabase database) {
			return (builder) -> {
				this.called.add("first");
				builder
					.database(DatabaseOptions.of(database.path()).name("second").build(),
							new FileReplicaClient(database.replica()))
					.listener((event) -> {
						if (event instanceof ReplicationEvent.ReplicationStarted) {
							this.called.add("started " + event.database());
						}
					});
			};
		}

	}

	@Test
	void connectionToNatsIsChangedInTheOrderOfTheBeansOncePerServer() {
		this.notes.create(SCHEMA, "milk");
		NotesDatabase second = new NotesDatabase(this.directory, "second");
		second.create(SCHEMA, "bread");
		try (NatsServer server = NatsServer.start(); NatsServer other = NatsServer.start()) {
			this.context.withPropertyValues("litestream.dbs[0].replica.url=" + server.url("shared"),
					"litestream.dbs[0].replica.path=first", "litestream.dbs[0].replica.bucket.create=true",
					"litestream.dbs[1].path=" + second.path(), "litestream.dbs[1].replica.url=" + server.url("shared"),
					"litestream.dbs[1].replica.path=second", "litestream.dbs[2].path=" + second.path() + "2",
					"litestream.dbs[2].replica.url=" + other.url("other"),
					"litestream.dbs[2].replica.bucket.create=true")
				.withUserConfiguration(Nats.class)
				.run((context) -> {
					for (ReplicatedDatabase database : context.getBean(Litestream.class).databases().subList(0, 2)) {
						assertThat(database.sync(LONG)).isTrue();
					}
					Nats nats = context.getBean(Nats.class);
					String address = "127.0.0.1:" + URI.create(server.url("shared")).getPort();
					String otherAddress = "127.0.0.1:" + URI.create(other.url("other")).getPort();
					assertThat(nats.called).containsSubsequence("first [" + address + "]", "second [" + address + "]")
						.containsSubsequence("first [" + otherAddress + "]", "second [" + otherAddress + "]")
						.doesNotHaveDuplicates();
				});
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Nats {

		private final List<String> called = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		NatsOptionsCustomizer last() {
			return (servers, builder) -> this.called.add("second " + servers);
		}

		@Bean
		@Order(1)
		NatsOptionsCustomizer first() {
			return (servers, builder) -> {
				this.called.add("first " + servers);
				// what replication relies on stays as it is
				builder.reconnectBufferSize(1024).errorListener(null).verbose();
			};
		}

	}

	@Test
	void replicaInAStoreOfTheApplicationsOwn() {
		this.notes.create(SCHEMA, "milk");
		this.context
			.withPropertyValues("litestream.dbs[0].replica.url=shelf://user:secret@somewhere/box",
					"litestream.dbs[0].replica.path=notes")
			.withBean(Shelf.class, () -> new Shelf(this.directory))
			.run((context) -> {
				ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
				NotesDatabase.insert(context.getBean(DataSource.class), "bread");
				assertThat(database.sync(LONG)).isTrue();
				assertThat(database.status().replica()).isEqualTo("shelf box/notes").doesNotContain("secret");
				assertThat(database.replicaType()).isEqualTo("shelf");
			});
		this.notes.delete();
		this.context
			.withPropertyValues("litestream.dbs[0].replica.url=shelf://user:secret@somewhere/box",
					"litestream.dbs[0].replica.path=notes")
			.withBean(Shelf.class, () -> new Shelf(this.directory))
			.run((context) -> assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk",
					"bread"));
	}

	@Test
	void providedReplicaRefusesWhatHasNoMeaningForIt() {
		this.context = this.context.withBean(Shelf.class, () -> new Shelf(this.directory))
			.withPropertyValues("litestream.dbs[0].replica.url=shelf://somewhere/box");
		fails("litestream.dbs[0].replica.username=app", "litestream.dbs[0].replica.username has no meaning for shelf:");
		fails("litestream.dbs[0].replica.type=file", "litestream.dbs[0].replica.type has no meaning for shelf:");
		fails("litestream.dbs[0].replica.url=shelf://user:secret@somewhere",
				"litestream.dbs[0].replica.url cannot be used. Name a box.");
	}

	private void fails(String property, String message) {
		this.context.withPropertyValues(property).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).rootCause().hasMessageContaining(message);
			assertThat(context.getStartupFailure()).rootCause().message().doesNotContain("secret");
		});
	}

	@Test
	void schemeThatNobodyProvidesIsRefused() {
		this.context.withPropertyValues("litestream.dbs[0].replica.url=shelf://somewhere/box").run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).rootCause().hasMessageContaining("litestream.dbs[0].replica.url");
		});
	}

	/** Replicas in the boxes of a shelf, which is a directory. */
	static class Shelf implements ReplicaClientProvider {

		private final Path directory;

		Shelf(Path directory) {
			this.directory = directory;
		}

		@Override
		public Set<String> schemes() {
			return Set.of("shelf");
		}

		@Override
		public ReplicaClient create(Location location) {
			assertThat(location.toString()).doesNotContain("secret");
			String box = URI.create(location.url()).getPath();
			if (box.length() < 2) {
				throw new IllegalArgumentException("name a box");
			}
			String place = box.substring(1) + "/" + location.path();
			return new ShelfReplica(new FileReplicaClient(this.directory.resolve(place)), "shelf " + place);
		}

	}

}
