package dev.litestream.test;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

import com.github.dockerjava.api.DockerClient;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * A nats-server in a container, for machines that have Docker and no way to the program.
 * The only class that touches Testcontainers, so that it is loaded only then.
 */
final class NatsContainer implements NatsHost {

	private static final int CLIENT = 4222;

	private static final int MONITOR = 8222;

	private static final String CONFIG = "/nats-server.conf";

	private final GenericContainer<?> container;

	private final String jetStream;

	NatsContainer(int port, int monitorPort, String jetStream, String config) {
		this.jetStream = jetStream;
		DockerImageName image = DockerImageName.parse("nats:" + Tools.Tool.NATS_SERVER.version());
		this.container = new GenericContainer<>(image).withCopyToContainer(Transferable.of(text(config)), CONFIG)
			.withCommand("-c", CONFIG)
			.withStartupTimeout(Duration.ofMinutes(2));
		// fixed ports, so that the server comes back at the same address
		this.container.setPortBindings((monitorPort > 0)
				? List.of(String.format(Locale.ROOT, "127.0.0.1:%d:%d", port, CLIENT),
						String.format(Locale.ROOT, "127.0.0.1:%d:%d", monitorPort, MONITOR))
				: List.of(String.format(Locale.ROOT, "127.0.0.1:%d:%d", port, CLIENT)));
	}

	private String text(String config) {
		return String.format(Locale.ROOT, """
				listen: "0.0.0.0:%d"
				http: "0.0.0.0:%d"
				jetstream { store_dir: "/data" %s }
				%s
				""", CLIENT, MONITOR, this.jetStream, config);
	}

	@Override
	public void configure(String config) {
		this.container.copyFileToContainer(Transferable.of(text(config)), CONFIG);
	}

	/** Whether containers can be run here. */
	static boolean isAvailable() {
		return DockerClientFactory.instance().isDockerAvailable();
	}

	@Override
	public void start() {
		if (this.container.getContainerId() == null) {
			this.container.start();
		}
		else {
			docker().startContainerCmd(this.container.getContainerId()).exec();
		}
	}

	@Override
	public void stop() {
		docker().stopContainerCmd(this.container.getContainerId()).exec();
	}

	@Override
	public void kill() {
		docker().killContainerCmd(this.container.getContainerId()).exec();
	}

	@Override
	public void pause() {
		docker().pauseContainerCmd(this.container.getContainerId()).exec();
	}

	@Override
	public void resume() {
		docker().unpauseContainerCmd(this.container.getContainerId()).exec();
	}

	@Override
	public boolean isAlive() {
		return this.container.getContainerId() != null && this.container.isRunning();
	}

	@Override
	public String log() {
		return this.container.getLogs();
	}

	private DockerClient docker() {
		return this.container.getDockerClient();
	}

	@Override
	public void close() {
		this.container.stop();
	}

}
