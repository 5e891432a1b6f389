package dev.litestream.spring.testcontainers;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.LitestreamConnectionDetails;
import dev.litestream.test.NatsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.testcontainers.context.ImportTestcontainers;
import org.springframework.boot.testcontainers.lifecycle.TestcontainersLifecycleApplicationContextInitializer;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A service connection of Testcontainers' own machinery. The container is a process of
 * this machine, so that no Docker is needed.
 */
class NatsContainerConnectionDetailsFactoryTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void prepare() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		this.context = new ApplicationContextRunner()
			.withInitializer(new TestcontainersLifecycleApplicationContextInitializer())
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, ServiceConnectionAutoConfiguration.class))
			.withPropertyValues("litestream.dbs[0].path=" + this.notes.path(),
					"litestream.dbs[0].replica.bucket.create=true");
	}

	@Test
	void containerOfTheImageIsUsedInsteadOfTheServersOfTheUrl() {
		this.context
			.withPropertyValues("litestream.dbs[0].replica.url=nats://unreachable.invalid:4222/app",
					"litestream.dbs[0].replica.startup=fail")
			.withUserConfiguration(ByImage.class)
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(LitestreamConnectionDetails.class);
				ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
				assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
				assertThat(database.status().replica()).isEqualTo(
						"nats://" + context.getBean(LitestreamConnectionDetails.class).getServers().get(0) + "/app");
			});
	}

	@Test
	void containerOfAnotherImageIsUsedByItsName() {
		this.context.withPropertyValues("litestream.dbs[0].replica.bucket.name=app")
			.withUserConfiguration(ByName.class)
			.run((context) -> {
				ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
				assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
			});
	}

	@Configuration(proxyBeanMethods = false)
	@ImportTestcontainers(Containers.class)
	static class ByImage {

	}

	/** Only of containers in static fields the image is known before they are created. */
	interface Containers {

		@ServiceConnection
		ServerProcess nats = new ServerProcess("nats:2.12");

	}

	@Configuration(proxyBeanMethods = false)
	static class ByName {

		@Bean
		@ServiceConnection("nats")
		ServerProcess queue() {
			return new ServerProcess("registry.example.com/messaging:1");
		}

	}

	/** A container that runs without Docker. */
	static final class ServerProcess extends GenericContainer<ServerProcess> {

		private @Nullable NatsServer server;

		private final String image;

		ServerProcess(String image) {
			super(DockerImageName.parse(image));
			this.image = image;
		}

		@Override
		public String getDockerImageName() {
			return this.image;
		}

		@Override
		public void start() {
			if (this.server == null) {
				this.server = NatsServer.start();
			}
		}

		@Override
		public void stop() {
			if (this.server != null) {
				this.server.close();
				this.server = null;
			}
		}

		@Override
		public boolean isRunning() {
			return this.server != null;
		}

		@Override
		public String getHost() {
			return "127.0.0.1";
		}

		@Override
		public Integer getMappedPort(int port) {
			assertThat(port).isEqualTo(4222);
			assertThat(this.server).as("started").isNotNull();
			return URI.create(this.server.url("any")).getPort();
		}

	}

}
