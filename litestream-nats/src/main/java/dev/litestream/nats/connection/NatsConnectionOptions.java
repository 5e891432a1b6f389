package dev.litestream.nats.connection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

import dev.litestream.Setting;
import io.nats.client.Options;
import org.jspecify.annotations.Nullable;

/**
 * Which servers a connection goes to, who we are to them, how it is protected and
 * watched. Replicas whose connection options are equal share one connection. Immutable;
 * {@link #toString()} shows no secret.
 *
 * @param scheme how the servers are spoken to
 * @param servers addresses as {@code host:port}, at least one
 * @param credentials who we are to the servers
 * @param tls how the connection is protected; enabled whenever the scheme asks for it
 * @param inboxPrefix what the subjects of answers to us begin with, or {@code null} for
 * {@code _INBOX}
 * @param name name of the connection, as the server shows it
 * @param timeout longest time to connect to one server
 * @param maxReconnects attempts to reconnect before giving up, -1 for no limit
 * @param reconnectWait pause between attempts to reconnect to the same server
 * @param keepAlive how the connection is watched
 * @param customizer changes how connections are made, given the servers, or {@code null}
 */
public record NatsConnectionOptions(NatsScheme scheme, List<String> servers, NatsCredentials credentials, NatsTls tls,
		@Nullable String inboxPrefix, String name, Duration timeout, int maxReconnects, Duration reconnectWait,
		NatsKeepAlive keepAlive, @Nullable BiConsumer<List<String>, Options.Builder> customizer) {

	public NatsConnectionOptions {
		if (servers.isEmpty()) {
			throw new IllegalArgumentException(
					"There is no server; name at least one in litestream.replica.url, as nats://host:4222/bucket");
		}
		NatsScheme used = scheme;
		servers = servers.stream().map((server) -> NatsServers.server(used, server, "litestream.replica.url")).toList();
		tls = tls(scheme, tls);
		SubjectPrefix.check(inboxPrefix, "litestream.replica.inbox-prefix", "_INBOX_app");
		new Setting("litestream.replica.timeout").requirePositive(timeout);
		new Setting("litestream.replica.reconnect-wait").requirePositive(reconnectWait);
		new Setting("litestream.replica.max-reconnects").requireBetween(maxReconnects, -1, Integer.MAX_VALUE);
	}

	/** TLS as both the scheme and the settings want it. */
	private static NatsTls tls(NatsScheme scheme, NatsTls tls) {
		if (scheme == NatsScheme.WS && tls.enabled()) {
			throw new IllegalArgumentException("ws:// is without TLS although TLS settings are there; write wss://");
		}
		if (scheme == NatsScheme.WSS && tls.first()) {
			throw new Setting("litestream.replica.tls-first")
				.invalid("has no meaning for wss://, where TLS always comes first", "Remove it.");
		}
		return (scheme.isSecure() && tls.equals(NatsTls.NONE)) ? NatsTls.DEFAULTS : tls;
	}

	/**
	 * The servers, for people.
	 * @return the address without user information
	 */
	public String location() {
		return this.scheme.prefix() + String.join(",", this.servers);
	}

	@Override
	public String toString() {
		return location() + ", " + this.credentials + (this.tls.enabled() ? ", TLS" : "");
	}

	/**
	 * Collects the options of a connection, on behalf of the builder that extends this.
	 * Not thread-safe.
	 *
	 * @param <B> the builder
	 */
	public abstract static class Builder<B extends Builder<B>> {

		private List<String> servers = List.of("localhost");

		private String connectionName = "litestream";

		private Duration connectionTimeout = Duration.ofSeconds(10);

		private int maxReconnects = -1;

		private Duration reconnectWait = Duration.ofSeconds(2);

		private NatsKeepAlive keepAlive = NatsKeepAlive.DEFAULTS;

		private NatsScheme scheme = NatsScheme.NATS;

		private @Nullable NatsScheme schemeOfServers;

		private NatsCredentials credentials = NatsCredentials.NONE;

		private NatsTls tls = NatsTls.NONE;

		private @Nullable String inboxPrefix;

		private @Nullable BiConsumer<List<String>, Options.Builder> connectionCustomizer;

		/**
		 * Sets the servers.
		 * @param servers addresses as {@code host} or {@code host:port}, with or without
		 * a scheme such as {@code tls://}, which counts for all
		 * @return this
		 */
		public B servers(List<String> servers) {
			List<String> addresses = new ArrayList<>();
			for (String server : servers) {
				if (server.contains("://")) {
					NatsServers parsed = NatsServers.parse(server, "litestream.replica.url");
					if (parsed.credentials() != NatsCredentials.NONE) {
						throw new IllegalArgumentException("A server's address must not hold a user name or password: "
								+ "set litestream.replica.username and litestream.replica.password");
					}
					if (this.schemeOfServers != null && this.schemeOfServers != parsed.scheme()) {
						throw new IllegalArgumentException(
								"litestream.replica.url has servers of different schemes: use one scheme for all");
					}
					this.schemeOfServers = parsed.scheme();
					this.scheme = parsed.scheme();
					addresses.addAll(parsed.servers());
				}
				else {
					addresses.add(server);
				}
			}
			this.servers = addresses;
			return self();
		}

		/**
		 * Sets how the servers are spoken to.
		 * @param scheme the scheme
		 * @return this
		 */
		public B scheme(NatsScheme scheme) {
			this.scheme = scheme;
			return self();
		}

		/**
		 * Sets who we are to the servers.
		 * @param credentials the credentials
		 * @return this
		 */
		public B credentials(NatsCredentials credentials) {
			this.credentials = credentials;
			return self();
		}

		/**
		 * Sets user name and password.
		 * @param username the user name, or {@code null} for no credentials
		 * @param password the password, or {@code null} for no credentials
		 * @return this
		 * @throws IllegalArgumentException if only one of them is given
		 */
		public B credentials(@Nullable String username, @Nullable String password) {
			if ((username == null) != (password == null)) {
				throw new IllegalArgumentException(
						"Set both litestream.replica.username and litestream.replica.password, or neither; only one of them is set");
			}
			return credentials((username != null && password != null)
					? new NatsCredentials.UserPassword(username, Secret.of(password)) : NatsCredentials.NONE);
		}

		/**
		 * Sets how the connection is protected.
		 * @param tls the settings
		 * @return this
		 */
		public B tls(NatsTls tls) {
			this.tls = tls;
			return self();
		}

		/**
		 * Sets what the subjects of answers to us begin with, for a user who may not
		 * subscribe to {@code _INBOX.>}.
		 * @param inboxPrefix the prefix, or {@code null} for {@code _INBOX}
		 * @return this
		 */
		public B inboxPrefix(@Nullable String inboxPrefix) {
			this.inboxPrefix = SubjectPrefix.withoutDot(inboxPrefix);
			return self();
		}

		/**
		 * Sets the name of the connection.
		 * @param connectionName the name, as the server shows it
		 * @return this
		 */
		public B connectionName(String connectionName) {
			this.connectionName = connectionName;
			return self();
		}

		/**
		 * Sets the longest time to connect to one server.
		 * @param connectionTimeout a positive time
		 * @return this
		 */
		public B connectionTimeout(Duration connectionTimeout) {
			this.connectionTimeout = connectionTimeout;
			return self();
		}

		/**
		 * Sets the attempts to reconnect before giving up.
		 * @param maxReconnects the number, -1 for no limit
		 * @return this
		 */
		public B maxReconnects(int maxReconnects) {
			this.maxReconnects = maxReconnects;
			return self();
		}

		/**
		 * Sets the pause between attempts to reconnect to the same server.
		 * @param reconnectWait a positive time
		 * @return this
		 */
		public B reconnectWait(Duration reconnectWait) {
			this.reconnectWait = reconnectWait;
			return self();
		}

		/**
		 * Sets how the connection is watched.
		 * @param keepAlive the settings
		 * @return this
		 */
		public B keepAlive(NatsKeepAlive keepAlive) {
			this.keepAlive = keepAlive;
			return self();
		}

		/**
		 * Sets what changes how connections are made. Listeners, executors, the reconnect
		 * buffer and the ways in which requests are answered are set again afterwards.
		 * @param connectionCustomizer called for each connection with the servers, as
		 * {@code host:port}, and the library's options; or {@code null}
		 * @return this
		 */
		public B connectionCustomizer(@Nullable BiConsumer<List<String>, Options.Builder> connectionCustomizer) {
			this.connectionCustomizer = connectionCustomizer;
			return self();
		}

		/**
		 * The builder itself.
		 * @return this
		 */
		protected abstract B self();

		/**
		 * Builds the options of the connection.
		 * @return the options
		 * @throws IllegalArgumentException if a setting cannot be used; the message names
		 * it
		 */
		protected NatsConnectionOptions connection() {
			return new NatsConnectionOptions(this.scheme, this.servers, this.credentials, this.tls, this.inboxPrefix,
					this.connectionName, this.connectionTimeout, this.maxReconnects, this.reconnectWait, this.keepAlive,
					this.connectionCustomizer);
		}

	}

}
