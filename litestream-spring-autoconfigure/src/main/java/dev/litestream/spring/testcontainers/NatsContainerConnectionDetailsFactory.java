package dev.litestream.spring.testcontainers;

import java.util.List;

import dev.litestream.spring.autoconfigure.LitestreamConnectionDetails;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.Container;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;

/**
 * {@link ContainerConnectionDetailsFactory} for {@link LitestreamConnectionDetails} from
 * a {@link ServiceConnection @ServiceConnection} container of the image {@code nats}, or
 * of the name {@code nats} whatever its image.
 */
class NatsContainerConnectionDetailsFactory
		extends ContainerConnectionDetailsFactory<Container<?>, LitestreamConnectionDetails> {

	/** The port of clients. */
	private static final int PORT = 4222;

	NatsContainerConnectionDetailsFactory() {
		super(List.of("nats"), "io.nats.client.Connection");
	}

	@Override
	protected LitestreamConnectionDetails getContainerConnectionDetails(
			ContainerConnectionSource<Container<?>> source) {
		return new NatsContainerConnectionDetails(source);
	}

	/** Asks the container once it runs. */
	private static final class NatsContainerConnectionDetails extends ContainerConnectionDetails<Container<?>>
			implements LitestreamConnectionDetails {

		private NatsContainerConnectionDetails(ContainerConnectionSource<Container<?>> source) {
			super(source);
		}

		@Override
		public List<String> getServers() {
			return List.of(getContainer().getHost() + ":" + getContainer().getMappedPort(PORT));
		}

		@Override
		public @Nullable SslBundle getSslBundle() {
			return super.getSslBundle();
		}

	}

}
