package dev.litestream.nats.connection;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import dev.litestream.replica.ReplicaRefusedException;
import io.nats.client.Options;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client library's options that follow from ours.
 */
final class LibraryOptions {

	private static final Logger logger = LoggerFactory.getLogger(LibraryOptions.class);

	private static final Duration CLEANUP_INTERVAL = Duration.ofSeconds(1);

	private static final int BUFFER_SIZE = 512 * 1024;

	/** Room for a long JWT. The server sets its own limit. */
	private static final int MAX_CONNECT_LINE = 64 * 1024;

	private LibraryOptions() {
	}

	static Options of(NatsConnectionOptions options, ConnectionEvents events, ConnectionThreads threads)
			throws ReplicaRefusedException {
		Options.Builder builder = Options.builder()
			.connectionTimeout(options.timeout())
			.maxReconnects(options.maxReconnects())
			.reconnectWait(options.reconnectWait())
			.reconnectJitter(options.keepAlive().reconnectJitter())
			.reconnectJitterTls(options.keepAlive().reconnectJitter())
			.pingInterval(options.keepAlive().pingInterval())
			.maxPingsOut(options.keepAlive().maxPingsOut());
		builder.servers(
				options.servers().stream().map((server) -> options.scheme().prefix() + server).toArray(String[]::new));
		if (options.customizer() != null) {
			Options before = builder.build();
			// the library goes on with the same list
			List<URI> servers = List.copyOf(before.getServers());
			options.customizer().accept(options.servers(), builder);
			requireOwnAccess(before, servers, builder.build());
		}
		// never send later what was published while disconnected
		builder.reconnectBufferSize(0)
			.requestCleanupInterval(CLEANUP_INTERVAL)
			.bufferSize(BUFFER_SIZE)
			.reportNoResponders()
			.advancedRequestBehavior()
			.connectionListener(events)
			.errorListener(events)
			.executor(threads.pool)
			.scheduledExecutor(threads.timer)
			.connectThreadFactory(threads.factory)
			.callbackExecutor(threads.callbacks);
		names(options, builder);
		protection(options, builder);
		credentials(options.credentials(), builder);
		return builder.build();
	}

	/**
	 * Refuses what would be set again and so be lost without a word.
	 */
	private static void requireOwnAccess(Options before, List<URI> servers, Options after)
			throws ReplicaRefusedException {
		if (!after.getServers().equals(servers) || after.getSslContext() != before.getSslContext()
				|| after.isTlsFirst() != before.isTlsFirst() || after.getAuthHandler() != null
				|| after.getUsernameChars() != null || after.getPasswordChars() != null
				|| after.getTokenChars() != null) {
			throw new ReplicaRefusedException("A customizer of NATS connections sets servers, TLS or credentials, which"
					+ " come from the settings of the replica alone: use litestream.replica.url, litestream.replica.ssl.bundle, litestream.replica.creds"
					+ " and the like, and remove that from the customizer");
		}
	}

	private static void names(NatsConnectionOptions options, Options.Builder builder) {
		builder
			// the library writes some texts into JSON as they are
			.connectionName(jsonText(options.name()))
			// else it connects to the address of a host and forgets its name
			.hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs)
			.dataPortType(NatsDataPort.class.getName())
			.maxControlLine(MAX_CONNECT_LINE);
		if (options.inboxPrefix() != null) {
			builder.inboxPrefix(options.inboxPrefix());
		}
	}

	private static void protection(NatsConnectionOptions options, Options.Builder builder)
			throws ReplicaRefusedException {
		if (options.tls().enabled()) {
			builder.sslContext(
					new TlsHandshake(options.tls(), options.servers().get(0), options.servers().get(0)).context());
		}
		if (options.tls().first()) {
			builder.tlsFirst();
		}
	}

	private static void credentials(NatsCredentials credentials, Options.Builder builder)
			throws ReplicaRefusedException {
		credentials.check();
		if (credentials instanceof NatsCredentials.UserPassword user) {
			builder.userInfo(user.username().toCharArray(), user.password().read().toCharArray());
		}
		else if (credentials instanceof NatsCredentials.Token token) {
			builder.tokenSupplier(new Latest<>(() -> jsonText(token.token().read()).toCharArray()));
		}
		else if (credentials instanceof NatsCredentials.NKey nkey) {
			builder.authHandler(new NonceSigner(new Latest<>(() -> new NonceSigner.Identity("", nkey.read()))));
		}
		else if (credentials instanceof NatsCredentials.Jwt jwt) {
			builder.authHandler(new NonceSigner(new Latest<>(() -> NonceSigner.Identity.of(jwt.read()))));
		}
		else if (credentials instanceof NatsCredentials.CredentialsFile file) {
			builder.authHandler(new NonceSigner(new Latest<>(() -> NonceSigner.Identity.of(file.read()))));
		}
	}

	private static String jsonText(String text) {
		String json = Json.quote(text);
		return json.substring(1, json.length() - 1);
	}

	/**
	 * Reads anew for each connection. When that fails, a file may be half replaced: the
	 * last that was good is used once more, and the server decides.
	 */
	private static final class Latest<T> implements Supplier<T> {

		private final Reading<T> reading;

		private volatile @Nullable T last;

		Latest(Reading<T> reading) {
			this.reading = reading;
		}

		@Override
		public T get() {
			T now;
			try {
				now = this.reading.read();
				this.last = now;
			}
			catch (ReplicaRefusedException ex) {
				now = this.last;
				if (now == null) {
					throw new UncheckedIOException(ex);
				}
				logger.warn("The last credentials are used once more: {}", ex.getMessage());
			}
			return now;
		}

	}

	@FunctionalInterface
	private interface Reading<T> {

		T read() throws ReplicaRefusedException;

	}

}
