package dev.litestream.spring.docker.compose;

import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Map;

import dev.litestream.spring.autoconfigure.LitestreamConnectionDetails;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsFactories;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Docker Compose support makes of a service, but for Docker itself.
 */
class NatsDockerComposeConnectionDetailsFactoryTests {

	@Test
	void serviceIsFoundByItsImage() throws Exception {
		LitestreamConnectionDetails details = details(new Service("nats:2.12", Map.of(), Map.of()));
		assertThat(details).isNotNull();
		assertThat(details.getServers()).containsExactly("192.0.2.1:14222");
		assertThat(details.getUsername()).isNull();
		assertThat(details.getPassword()).isNull();
		assertThat(details.getSslBundle()).isNull();
	}

	@Test
	void userIsThatOfItsEnvironment() throws Exception {
		LitestreamConnectionDetails details = details(
				new Service("nats", Map.of("NATS_USER", "app", "NATS_PASSWORD", "secret"), Map.of()));
		assertThat(details).isNotNull();
		assertThat(details.getUsername()).isEqualTo("app");
		assertThat(details.getPassword()).isEqualTo("secret");
		assertThat(details.toString()).doesNotContain("secret");
	}

	@Test
	void serviceOfAnotherImageIsFoundByItsLabel() throws Exception {
		assertThat(details(new Service("messaging:1", Map.of(), Map.of()))).isNull();
		assertThat(details(
				new Service("messaging:1", Map.of(), Map.of("org.springframework.boot.service-connection", "nats"))))
			.isNotNull();
	}

	/** By the factories that are registered, as Docker Compose support does it. */
	private static @Nullable LitestreamConnectionDetails details(RunningService service) throws Exception {
		Constructor<DockerComposeConnectionSource> constructor = DockerComposeConnectionSource.class
			.getDeclaredConstructor(RunningService.class, Environment.class);
		constructor.setAccessible(true);
		Map<Class<?>, ConnectionDetails> details = new ConnectionDetailsFactories(null)
			.getConnectionDetails(constructor.newInstance(service, new MockEnvironment()), false);
		return (LitestreamConnectionDetails) details.get(LitestreamConnectionDetails.class);
	}

	private record Service(ImageReference image, Map<String, String> env,
			Map<String, String> labels) implements RunningService {

		Service(String image, Map<String, String> env, Map<String, String> labels) {
			this(ImageReference.of(image), env, labels);
		}

		@Override
		public String name() {
			return "messages";
		}

		@Override
		public String host() {
			return "192.0.2.1";
		}

		@Override
		public ConnectionPorts ports() {
			return new ConnectionPorts() {

				@Override
				public int get(int containerPort) {
					return 10_000 + containerPort;
				}

				@Override
				public List<Integer> getAll() {
					return List.of(14222);
				}

				@Override
				public List<Integer> getAll(@Nullable String protocol) {
					return getAll();
				}

			};
		}

	}

}
