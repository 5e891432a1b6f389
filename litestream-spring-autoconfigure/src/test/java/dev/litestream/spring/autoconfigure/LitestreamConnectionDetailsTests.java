package dev.litestream.spring.autoconfigure;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connection details win over properties.
 */
class LitestreamConnectionDetailsTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void prepare() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		this.context = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
			.withPropertyValues("litestream.dbs[0].path=" + this.notes.path(), "litestream.dbs[0].replica.startup=fail",
					"litestream.dbs[0].replica.bucket.create=true");
	}

	@Test
	void serversAndCredentialsAreTheirsBucketAndPathThoseOfTheUrl() {
		try (NatsServer server = NatsServer.builder()
			.config("authorization { user: app, password: \"secret\" }")
			.start()) {
			this.context
				.withPropertyValues(
						"litestream.dbs[0].replica.url=tls://other:wrong@unreachable.invalid:4222/app/notes")
				.withBean(LitestreamConnectionDetails.class, () -> details(server, "app", "secret"))
				.run((context) -> {
					ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
					assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
					assertThat(database.status().replica()).isEqualTo("nats://" + address(server) + "/app/notes");
				});
		}
	}

	@Test
	void credentialsOfThePropertiesCountWhereThereAreNoOthers() {
		try (NatsServer server = NatsServer.builder()
			.config("authorization { user: app, password: \"secret\" }")
			.start()) {
			this.context
				.withPropertyValues("litestream.dbs[0].replica.bucket.name=app",
						"litestream.dbs[0].replica.username=app", "litestream.dbs[0].replica.password=secret")
				.withBean(LitestreamConnectionDetails.class, () -> details(server, null, null))
				.run((context) -> assertThat(
						context.getBean(Litestream.class).databases().get(0).sync(Duration.ofSeconds(30)))
					.isTrue());
		}
	}

	@Test
	void fileReplicaIsLeftAlone() {
		this.context = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
			.withPropertyValues(this.notes.properties());
		this.context.withBean(LitestreamConnectionDetails.class, () -> () -> List.of("unreachable.invalid:4222"))
			.run((context) -> assertThat(
					context.getBean(Litestream.class).databases().get(0).sync(Duration.ofSeconds(30)))
				.isTrue());
	}

	@Test
	void addressThatIsNoneIsRefused() {
		this.context.withPropertyValues("litestream.dbs[0].replica.url=nats://localhost/app")
			.withBean(LitestreamConnectionDetails.class, () -> () -> List.of())
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure()).rootCause()
					.hasMessageContaining("There is no server; name at least one in litestream.replica.url");
			});
	}

	private static LitestreamConnectionDetails details(NatsServer server, String username, String password) {
		return new LitestreamConnectionDetails() {

			@Override
			public List<String> getServers() {
				return List.of(address(server));
			}

			@Override
			public String getUsername() {
				return username;
			}

			@Override
			public String getPassword() {
				return password;
			}

		};
	}

	private static String address(NatsServer server) {
		return "127.0.0.1:" + URI.create(server.url("any")).getPort();
	}

}
