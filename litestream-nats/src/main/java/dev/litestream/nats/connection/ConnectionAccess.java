package dev.litestream.nats.connection;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.replica.ReplicaRefusedException;
import io.nats.client.Options;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a connection goes, who it is for and how it is protected: what replicas on one
 * connection have in common, and the part of the client library's options that follows
 * from it.
 *
 * @param scheme how the servers are spoken to
 * @param servers addresses as {@code host:port}
 * @param credentials who we are to the servers
 * @param tls how the connection is protected
 * @param inboxPrefix what the subjects of answers begin with, or {@code null}
 */
record ConnectionAccess(NatsScheme scheme, List<String> servers, NatsCredentials credentials, NatsTls tls,
		@Nullable String inboxPrefix) {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionAccess.class);

	/** Room for a long JWT. The server has a limit of its own. */
	private static final int MAX_CONNECT_LINE = 64 * 1024;

	private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

	private static final Pattern LOCAL = Pattern.compile("(?i)(localhost|127\\.[0-9.]+|\\[(0*:)+0*1]):[0-9]+");

	static ConnectionAccess of(NatsReplicaOptions options) {
		return new ConnectionAccess(options.scheme(), options.servers(), options.credentials(), options.tls(),
				options.inboxPrefix());
	}

	/**
	 * The servers, for people.
	 * @return the address without user information
	 */
	String location() {
		return this.scheme.prefix() + String.join(",", this.servers);
	}

	void servers(Options.Builder builder) {
		builder.servers(this.servers.stream().map((server) -> this.scheme.prefix() + server).toArray(String[]::new));
	}

	/**
	 * Adds this part, but for the servers, to the library's options.
	 * @param builder the options
	 * @param connectionName name of the connection
	 * @throws ReplicaRefusedException if a file of it cannot be used
	 */
	void apply(Options.Builder builder, String connectionName) throws ReplicaRefusedException {
		builder
			// the library writes some texts into JSON as they are
			.connectionName(jsonText(connectionName))
			// else it connects to the address of a host and forgets its name
			.hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs)
			.dataPortType(NatsDataPort.class.getName())
			.maxControlLine(MAX_CONNECT_LINE);
		if (this.inboxPrefix != null) {
			builder.inboxPrefix(this.inboxPrefix);
		}
		if (this.tls.enabled()) {
			builder.sslContext(new TlsHandshake(this.tls, this.servers.get(0), this.servers.get(0)).context());
		}
		if (this.tls.first()) {
			builder.tlsFirst();
		}
		this.credentials.check();
		if (this.credentials instanceof NatsCredentials.UserPassword user) {
			builder.userInfo(user.username().toCharArray(), user.password().read().toCharArray());
		}
		else if (this.credentials instanceof NatsCredentials.Token token) {
			builder.tokenSupplier(new Latest<>(() -> jsonText(token.token().read()).toCharArray()));
		}
		else if (this.credentials instanceof NatsCredentials.NKey nkey) {
			builder.authHandler(new NonceSigner(new Latest<>(() -> new NonceSigner.Identity("", nkey.read()))));
		}
		else if (this.credentials instanceof NatsCredentials.Jwt jwt) {
			builder.authHandler(new NonceSigner(new Latest<>(() -> NonceSigner.Identity.of(jwt.read()))));
		}
		else if (this.credentials instanceof NatsCredentials.CredentialsFile file) {
			builder.authHandler(new NonceSigner(new Latest<>(() -> NonceSigner.Identity.of(file.read()))));
		}
	}

	/**
	 * The name that a server's certificate has to be for. Servers that only the cluster
	 * names have to prove that they belong to the first host name that the user wrote, or
	 * address if there is none: where TLS comes after the server's first words, anybody
	 * on the way can put a server of his own there, with a good certificate for its name.
	 * @param host the host that is connected to
	 * @return the name
	 */
	String verifiedName(String host) {
		String written = null;
		for (String server : this.servers) {
			String name = server.substring(0, server.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
			if (name.equalsIgnoreCase(host)) {
				return host;
			}
			if (written == null || (ADDRESS.matcher(written).matches() && !ADDRESS.matcher(name).matches())) {
				written = name;
			}
		}
		boolean isProtected = this.tls.first() || this.scheme == NatsScheme.WSS;
		return (written == null || (isProtected && !ADDRESS.matcher(host).matches())) ? host : written;
	}

	/**
	 * Whether a secret goes over a network where everybody on the way can read it.
	 * @return whether there is a password or token, no TLS, and another machine
	 */
	boolean exposesSecret() {
		boolean secret = this.credentials instanceof NatsCredentials.UserPassword
				|| this.credentials instanceof NatsCredentials.Token;
		return secret && !this.tls.enabled()
				&& !this.servers.stream().allMatch((server) -> LOCAL.matcher(server).matches());
	}

	/**
	 * What an error of the server says about our credentials.
	 * @param error the server's words
	 * @return the exception for the caller, or {@code null} if it is about something else
	 */
	@Nullable ReplicaRefusedException refusal(String error) {
		String lower = error.toLowerCase(Locale.ROOT);
		String server = "The NATS server at " + location() + " ";
		if (lower.contains("authorization violation")) {
			return new ReplicaRefusedException(server + this.credentials.refusal());
		}
		if (lower.startsWith("user authentication") || lower.startsWith("account authentication")) {
			return new ReplicaRefusedException(
					server + "has ended the session (" + error + "): have new credentials issued");
		}
		if (lower.contains("maximum control line")) {
			return new ReplicaRefusedException(server + "takes no credentials as long as these: raise its"
					+ " max_control_line above its default of 4096 bytes");
		}
		return null;
	}

	private static String jsonText(String text) {
		String json = Json.quote(text);
		return json.substring(1, json.length() - 1);
	}

	@Override
	public String toString() {
		return location();
	}

	/**
	 * Reads anew for each connection. When that fails, a file may be half replaced: the
	 * last that was good is used once more, and the server decides.
	 *
	 * @param <T> what is read
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
