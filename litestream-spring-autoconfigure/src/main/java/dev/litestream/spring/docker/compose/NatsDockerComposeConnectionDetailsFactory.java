package dev.litestream.spring.docker.compose;

import java.util.List;

import dev.litestream.spring.autoconfigure.LitestreamConnectionDetails;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.ssl.SslBundle;

/**
 * {@link DockerComposeConnectionDetailsFactory} for {@link LitestreamConnectionDetails}
 * from a service with the image {@code nats}. User name and password are those that its
 * environment gives the server ({@code NATS_USER}, {@code NATS_PASSWORD}).
 */
class NatsDockerComposeConnectionDetailsFactory
		extends DockerComposeConnectionDetailsFactory<LitestreamConnectionDetails> {

	/** The port of clients. */
	private static final int PORT = 4222;

	NatsDockerComposeConnectionDetailsFactory() {
		super("nats");
	}

	@Override
	protected LitestreamConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
		return new NatsDockerComposeConnectionDetails(source.getRunningService());
	}

	/** What the service says. */
	private static final class NatsDockerComposeConnectionDetails extends DockerComposeConnectionDetails
			implements LitestreamConnectionDetails {

		private final List<String> servers;

		private final @Nullable String username;

		private final @Nullable String password;

		private final @Nullable SslBundle sslBundle;

		private NatsDockerComposeConnectionDetails(RunningService service) {
			super(service);
			this.servers = List.of(service.host() + ":" + service.ports().get(PORT));
			this.username = service.env().get("NATS_USER");
			this.password = service.env().get("NATS_PASSWORD");
			this.sslBundle = getSslBundle(service);
		}

		@Override
		public List<String> getServers() {
			return this.servers;
		}

		@Override
		public @Nullable String getUsername() {
			return this.username;
		}

		@Override
		public @Nullable String getPassword() {
			return this.password;
		}

		@Override
		public @Nullable SslBundle getSslBundle() {
			return this.sslBundle;
		}

	}

}
