package dev.litestream.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A real nats-server with JetStream on a free port of 127.0.0.1 and its own store, to be
 * stopped, killed, paused and restarted by tests. {@code close} ends it and deletes its
 * store. Its methods return when the state they name is reached. Not thread-safe.
 *
 * <pre>
 * try (NatsServer server = NatsServer.start()) {
 *     connect(server.url());
 *     server.kill();
 *     server.restart(); // same port, same store
 * }
 * </pre>
 */
public final class NatsServer implements AutoCloseable {

	private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

	private static final int FIRST_PORT = 14000;

	private static final int LAST_PORT = 32000;

	private final NatsHost host;

	private final int port;

	private final int monitorPort;

	private final boolean handshakeFirst;

	private boolean paused;

	private int starts;

	private NatsServer(NatsHost host, int port, int monitorPort, boolean handshakeFirst) {
		this.handshakeFirst = handshakeFirst;
		this.host = host;
		this.port = port;
		this.monitorPort = monitorPort;
	}

	/**
	 * Starts a server without authentication.
	 * @return the server, ready
	 */
	public static NatsServer start() {
		return builder().start();
	}

	/**
	 * Prepares a server with additional settings.
	 * @return the builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * The address for clients, without credentials.
	 * @return {@code nats://127.0.0.1:port}
	 */
	public String url() {
		return "nats://127.0.0.1:" + this.port;
	}

	/**
	 * The address of a bucket, as Litestream and the product write it.
	 * @param bucket the bucket's name, with or without a path behind it
	 * @return {@code nats://127.0.0.1:port/bucket}
	 */
	public String url(String bucket) {
		return url() + "/" + bucket;
	}

	/**
	 * The port for clients.
	 * @return the port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * The address of the HTTP monitoring.
	 * @return {@code http://127.0.0.1:port}
	 * @throws IllegalStateException if the server was not built with it
	 */
	public String monitorUrl() {
		if (this.monitorPort == 0) {
			throw new IllegalStateException("This server has no monitoring; build it with monitor()");
		}
		return "http://127.0.0.1:" + this.monitorPort;
	}

	/**
	 * What the server has logged since its first start.
	 * @return the log
	 */
	public String log() {
		return this.host.log();
	}

	/**
	 * Whether the server runs, paused or not.
	 * @return whether it runs
	 */
	public boolean isRunning() {
		return this.host.isAlive();
	}

	/** Stops the server in good order (SIGTERM). */
	public void stop() {
		if (isRunning()) {
			resume();
			this.host.stop();
		}
	}

	/** Kills the server (SIGKILL). */
	public void kill() {
		if (isRunning()) {
			resume();
			this.host.kill();
		}
	}

	/**
	 * Freezes the server (SIGSTOP): connections stay open and nothing answers.
	 */
	public void pause() {
		if (!this.paused) {
			this.host.pause();
			this.paused = true;
		}
	}

	/** Lets a paused server go on (SIGCONT). */
	public void resume() {
		if (this.paused) {
			this.host.resume();
			this.paused = false;
		}
	}

	/**
	 * Gives the running server other settings, which it reads immediately (SIGHUP):
	 * users, permissions and limits may change, addresses and the store may not.
	 * @param lines instead of those that it was built with
	 */
	public void reload(String lines) {
		int before = log().length();
		try {
			this.host.reload(lines);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		awaitLog("Reloaded server configuration", before);
	}

	/**
	 * Has the server send its clients away and end, as before maintenance (lame duck
	 * mode). Returns when it has begun to.
	 */
	public void lameDuck() {
		int before = log().length();
		this.host.lameDuck();
		awaitLog("Entering lame duck mode", before);
	}

	private void awaitLog(String text, int from) {
		long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
		while (log().indexOf(text, from) < 0) {
			if (System.nanoTime() > deadline || !isRunning()) {
				throw new IllegalStateException(String.format(Locale.ROOT, "nats-server did not log '%s' but:%n%s",
						text, log().substring(from)));
			}
			LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
		}
	}

	/**
	 * Starts the server again on the same port and store, after stopping it if it runs.
	 */
	public void restart() {
		stop();
		startHost();
	}

	/**
	 * Starts the server again with other lines in its configuration file.
	 * @param config all lines, in the place of those of {@link Builder#config}
	 */
	public void restart(String config) {
		stop();
		try {
			this.host.configure(config);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		startHost();
	}

	/**
	 * A free port of 127.0.0.1 for another listener of a server's configuration.
	 * @return the port
	 */
	public static int freePort() {
		return Builder.freePort();
	}

	/** Ends the server and deletes its store. */
	@Override
	public void close() {
		try {
			this.paused = false;
			this.host.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void startHost() {
		this.starts++;
		try {
			this.host.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
		while (!isReady()) {
			if (!this.host.isAlive()) {
				throw new IllegalStateException(
						String.format(Locale.ROOT, "nats-server ended at its start and logged:%n%s", log()));
			}
			if (System.nanoTime() > deadline) {
				throw new IllegalStateException(String.format(Locale.ROOT,
						"nats-server was not ready after %s and logged:%n%s", READY_TIMEOUT, log()));
			}
			LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
		}
	}

	/** A NATS server greets each client with an INFO line, once JetStream runs. */
	private boolean isReady() {
		if (this.handshakeFirst) {
			// it says nothing before the client has begun with TLS
			return log().split("Server is ready", -1).length > this.starts;
		}
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port), 1000);
			socket.setSoTimeout(2000);
			String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
				.readLine();
			return line != null && line.startsWith("INFO ");
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Settings of a server.
	 */
	public static final class Builder {

		private final StringBuilder config = new StringBuilder();

		private boolean monitor;

		private boolean handshakeFirst;

		private String jetStream = "";

		private Builder() {
		}

		/**
		 * Adds lines to the server's configuration file.
		 * @param lines in nats-server's format, such as {@code authorization { user: app,
		 * password: secret }}
		 * @return this builder
		 */
		public Builder config(String lines) {
			this.config.append(lines).append(System.lineSeparator());
			return this;
		}

		/**
		 * Adds settings to the server's JetStream block.
		 * @param settings in nats-server's format, such as {@code limits {
		 * max_request_batch: 10 }}
		 * @return this builder
		 */
		public Builder jetStream(String settings) {
			this.jetStream += ", " + settings;
			return this;
		}

		/**
		 * Turns on the HTTP monitoring on another free port.
		 * @return this builder
		 */
		public Builder monitor() {
			this.monitor = true;
			return this;
		}

		/**
		 * Says that the configuration holds {@code handshake_first: true}: such a server
		 * accepts no client without TLS.
		 * @return this builder
		 */
		public Builder handshakeFirst() {
			this.handshakeFirst = true;
			return this;
		}

		/**
		 * Gives JetStream a domain.
		 * @param domain the domain's name
		 * @return this builder
		 */
		public Builder domain(String domain) {
			return jetStream("domain: " + domain);
		}

		/**
		 * Starts the server.
		 * @return the server, ready
		 * @throws IllegalStateException if there is neither a nats-server nor Docker, or
		 * the server does not start; the message holds its log
		 */
		public NatsServer start() {
			for (int attempt = 1;; attempt++) {
				NatsServer server = create();
				try {
					server.startHost();
					return server;
				}
				catch (IllegalStateException | UncheckedIOException ex) {
					boolean portTaken = String.valueOf(ex.getMessage()).contains("address already in use");
					server.close();
					if (!portTaken || attempt == 5) {
						throw ex;
					}
				}
			}
		}

		private NatsServer create() {
			int port = freePort();
			int monitorPort = this.monitor ? freePort() : 0;
			try {
				return new NatsServer(host(port, monitorPort, this.jetStream, this.config.toString()), port,
						monitorPort, this.handshakeFirst);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private static NatsHost host(int port, int monitorPort, String jetStream, String config) throws IOException {
			Optional<Path> program = Tools.findNatsServer();
			if (program.isPresent()) {
				return new NatsProcess(program.get(), port, monitorPort, jetStream, config);
			}
			if (NatsContainer.isAvailable()) {
				return new NatsContainer(port, monitorPort, jetStream, config);
			}
			throw new IllegalStateException(Tools.missing(Tools.Tool.NATS_SERVER));
		}

		/**
		 * A free port below the range from which the system takes the ports of outgoing
		 * connections: else, while the server is down, a client that keeps trying could
		 * be given the very port it tries, connect to itself and keep the server out.
		 */
		static int freePort() {
			for (int attempt = 0; attempt < 200; attempt++) {
				int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
				try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
					return socket.getLocalPort();
				}
				catch (IOException ex) {
					// taken: try another
				}
			}
			throw new IllegalStateException(
					String.format(Locale.ROOT, "No free port on 127.0.0.1 between %d and %d", FIRST_PORT, LAST_PORT));
		}

	}

}
