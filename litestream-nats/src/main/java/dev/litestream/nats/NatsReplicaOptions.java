package dev.litestream.nats;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

import dev.litestream.nats.bucket.BucketUse;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.nats.connection.NatsCredentials;
import dev.litestream.nats.connection.NatsKeepAlive;
import dev.litestream.nats.connection.NatsScheme;
import dev.litestream.nats.connection.NatsServers;
import dev.litestream.nats.connection.NatsTls;
import dev.litestream.nats.connection.Secret;
import io.nats.client.Options;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a database is replicated to NATS. Immutable; {@link #toString()} shows no
 * secret.
 *
 * @param servers addresses as {@code host:port}, at least one
 * @param bucket name of the object store bucket
 * @param path prefix of all object names, or {@code null} for Litestream's own names
 * @param connectionName name of the connection, as the server shows it
 * @param connectionTimeout longest time to connect to one server
 * @param requestTimeout longest time without an answer to a request
 * @param maxReconnects attempts to reconnect before giving up, -1 for no limit
 * @param reconnectWait pause between attempts to reconnect to the same server
 * @param chunkSize size of a chunk in bytes, or 0 for 128 KB, and 512 KB for files above
 * 64 MB
 * @param maxInFlight most bytes sent and not yet acknowledged
 * @param bucketOptions how a missing bucket is created
 * @param keepAlive how the connection is watched
 * @param syncAlways whether the operator says that the servers force each write to their
 * disks ({@code sync_interval: always}), which a client cannot see
 * @param scheme how the servers are spoken to
 * @param credentials who we are to the servers
 * @param tls how the connection is protected; enabled whenever the scheme asks for it
 * @param domain JetStream domain that holds the bucket, or {@code null} for that of the
 * server
 * @param apiPrefix what the subjects of JetStream requests begin with, instead of
 * {@code $JS.API}, or {@code null}
 * @param inboxPrefix what the subjects of answers to us begin with, or {@code null} for
 * {@code _INBOX}
 * @param connectionCustomizer changes how connections are made, given the servers;
 * replicas share a connection only if theirs are equal; or {@code null}
 */
public record NatsReplicaOptions(List<String> servers, String bucket, @Nullable String path, String connectionName,
		Duration connectionTimeout, Duration requestTimeout, int maxReconnects, Duration reconnectWait, int chunkSize,
		int maxInFlight, NatsBucketOptions bucketOptions, NatsKeepAlive keepAlive, boolean syncAlways,
		NatsScheme scheme, NatsCredentials credentials, NatsTls tls, @Nullable String domain,
		@Nullable String apiPrefix, @Nullable String inboxPrefix,
		@Nullable BiConsumer<List<String>, Options.Builder> connectionCustomizer) implements BucketUse {

	private static final int SMALLEST_CHUNK = 1024;

	public NatsReplicaOptions {
		if (servers.isEmpty()) {
			throw new IllegalArgumentException("replica.servers is empty; name at least one server as host:port");
		}
		NatsScheme used = scheme;
		servers = servers.stream().map((server) -> NatsServers.server(used, server, "replica.servers")).toList();
		NatsNames.checkBucket(bucket);
		path = (path == null || path.isEmpty()) ? null : NatsNames.checkPath(path);
		tls = tls(scheme, tls);
		NatsNames.checkDomain(domain);
		NatsNames.checkSubject(apiPrefix, "litestream.replica.api-prefix", "JS.hub.API");
		NatsNames.checkSubject(inboxPrefix, "litestream.replica.inbox-prefix", "_INBOX_app");
		if (domain != null && apiPrefix != null) {
			throw new IllegalArgumentException(
					"litestream.replica.domain and litestream.replica.api-prefix are both set; keep one: a domain stands for the prefix $JS."
							+ domain + ".API");
		}
		requirePositive(connectionTimeout, "replica.connection-timeout");
		requirePositive(requestTimeout, "litestream.replica.request-timeout");
		requirePositive(reconnectWait, "litestream.replica.reconnect-wait");
		if (maxReconnects < -1) {
			throw new IllegalArgumentException(
					"litestream.replica.max-reconnects is " + maxReconnects + "; use -1 for no limit");
		}
		if (chunkSize != 0 && chunkSize < SMALLEST_CHUNK) {
			throw new IllegalArgumentException("replica.chunk-size is " + chunkSize + "; use at least 1024 bytes");
		}
		if (maxInFlight < SMALLEST_CHUNK) {
			throw new IllegalArgumentException("replica.max-in-flight is " + maxInFlight + "; use at least 1024 bytes");
		}
	}

	/** TLS as both the scheme and the settings want it. */
	private static NatsTls tls(NatsScheme scheme, NatsTls tls) {
		if (scheme == NatsScheme.WS && tls.enabled()) {
			throw new IllegalArgumentException("ws:// is without TLS although TLS settings are there; write wss://");
		}
		if (scheme == NatsScheme.WSS && tls.first()) {
			throw new IllegalArgumentException(
					"litestream.replica.tls-first has no meaning for wss://, where TLS always comes"
							+ " first; remove it");
		}
		return (scheme.isSecure() && tls.equals(NatsTls.NONE)) ? NatsTls.DEFAULTS : tls;
	}

	private static void requirePositive(Duration duration, String name) {
		if (duration.isNegative() || duration.isZero()) {
			throw new IllegalArgumentException(name + " is " + duration + "; use a positive time");
		}
	}

	/**
	 * Starts options for a bucket.
	 * @param bucket name of the bucket
	 * @return a builder with defaults
	 */
	public static Builder builder(String bucket) {
		return new Builder(bucket);
	}

	/**
	 * Where the objects go, for people.
	 * @return the location, without user information
	 */
	@Override
	public String location() {
		return this.scheme.prefix() + String.join(",", this.servers) + "/" + this.bucket
				+ ((this.path != null) ? "/" + this.path : "")
				+ ((this.domain != null) ? " in domain " + this.domain : "");
	}

	/**
	 * What the subjects of JetStream requests begin with.
	 * @return the prefix, without a dot at its end
	 */
	@Override
	public String jetStreamPrefix() {
		if (this.apiPrefix != null) {
			return this.apiPrefix;
		}
		return (this.domain != null) ? "$JS." + this.domain + ".API" : "$JS.API";
	}

	@Override
	public String toString() {
		return "NatsReplicaOptions[" + location() + ", " + this.credentials + (this.tls.enabled() ? ", TLS" : "") + "]";
	}

	/**
	 * Collects options. Not safe for use by several threads.
	 */
	public static final class Builder {

		private final String bucket;

		private List<String> servers = List.of("localhost");

		private @Nullable String path;

		private String connectionName = "litestream";

		private Duration connectionTimeout = Duration.ofSeconds(10);

		private Duration requestTimeout = Duration.ofSeconds(5);

		private int maxReconnects = -1;

		private Duration reconnectWait = Duration.ofSeconds(2);

		private int chunkSize;

		private int maxInFlight = 8 * 1024 * 1024;

		private NatsBucketOptions bucketOptions = NatsBucketOptions.DEFAULTS;

		private NatsKeepAlive keepAlive = NatsKeepAlive.DEFAULTS;

		private boolean syncAlways;

		private NatsScheme scheme = NatsScheme.NATS;

		private @Nullable NatsScheme schemeOfServers;

		private NatsCredentials credentials = NatsCredentials.NONE;

		private NatsTls tls = NatsTls.NONE;

		private @Nullable String domain;

		private @Nullable String apiPrefix;

		private @Nullable String inboxPrefix;

		private @Nullable BiConsumer<List<String>, Options.Builder> connectionCustomizer;

		Builder(String bucket) {
			this.bucket = bucket;
		}

		/**
		 * Sets the servers.
		 * @param servers addresses as {@code host} or {@code host:port}, with or without
		 * a scheme such as {@code tls://}, which counts for all
		 * @return this
		 */
		public Builder servers(List<String> servers) {
			List<String> addresses = new ArrayList<>();
			for (String server : servers) {
				if (server.contains("://")) {
					NatsServers parsed = NatsServers.parse(server, "replica.servers");
					if (parsed.credentials() != NatsCredentials.NONE) {
						throw new IllegalArgumentException("A server's address must not hold a user name or password: "
								+ "set litestream.replica.username and litestream.replica.password");
					}
					if (this.schemeOfServers != null && this.schemeOfServers != parsed.scheme()) {
						throw new IllegalArgumentException(
								"replica.servers has servers of different schemes: use one scheme for all");
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
			return this;
		}

		/**
		 * Sets how the servers are spoken to.
		 * @param scheme the scheme
		 * @return this
		 */
		public Builder scheme(NatsScheme scheme) {
			this.scheme = scheme;
			return this;
		}

		/**
		 * Sets the prefix of all object names.
		 * @param path the prefix, or {@code null} for Litestream's own names
		 * @return this
		 */
		public Builder path(@Nullable String path) {
			this.path = path;
			return this;
		}

		/**
		 * Sets who we are to the servers.
		 * @param credentials the credentials
		 * @return this
		 */
		public Builder credentials(NatsCredentials credentials) {
			this.credentials = credentials;
			return this;
		}

		/**
		 * Sets user name and password.
		 * @param username the user name, or {@code null} for no credentials
		 * @param password the password, or {@code null} for no credentials
		 * @return this
		 * @throws IllegalArgumentException if only one of them is given
		 */
		public Builder credentials(@Nullable String username, @Nullable String password) {
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
		public Builder tls(NatsTls tls) {
			this.tls = tls;
			return this;
		}

		/**
		 * Sets the JetStream domain that holds the bucket, for a server that is a leaf
		 * node of others.
		 * @param domain the domain, or {@code null} for that of the server
		 * @return this
		 */
		public Builder domain(@Nullable String domain) {
			this.domain = domain;
			return this;
		}

		/**
		 * Sets what the subjects of JetStream requests begin with, for an account that
		 * imports them under another name.
		 * @param apiPrefix the prefix, or {@code null} for {@code $JS.API}
		 * @return this
		 */
		public Builder apiPrefix(@Nullable String apiPrefix) {
			this.apiPrefix = withoutDot(apiPrefix);
			return this;
		}

		/**
		 * Sets what the subjects of answers to us begin with, for a user who may not
		 * subscribe to {@code _INBOX.>}.
		 * @param inboxPrefix the prefix, or {@code null} for {@code _INBOX}
		 * @return this
		 */
		public Builder inboxPrefix(@Nullable String inboxPrefix) {
			this.inboxPrefix = withoutDot(inboxPrefix);
			return this;
		}

		private static @Nullable String withoutDot(@Nullable String prefix) {
			return (prefix != null && prefix.endsWith(".")) ? prefix.substring(0, prefix.length() - 1) : prefix;
		}

		/**
		 * Sets the name of the connection.
		 * @param connectionName the name, as the server shows it
		 * @return this
		 */
		public Builder connectionName(String connectionName) {
			this.connectionName = connectionName;
			return this;
		}

		/**
		 * Sets the longest time to connect to one server.
		 * @param connectionTimeout a positive time
		 * @return this
		 */
		public Builder connectionTimeout(Duration connectionTimeout) {
			this.connectionTimeout = connectionTimeout;
			return this;
		}

		/**
		 * Sets the longest time without an answer to a request.
		 * @param requestTimeout a positive time
		 * @return this
		 */
		public Builder requestTimeout(Duration requestTimeout) {
			this.requestTimeout = requestTimeout;
			return this;
		}

		/**
		 * Sets the attempts to reconnect before giving up.
		 * @param maxReconnects the number, -1 for no limit
		 * @return this
		 */
		public Builder maxReconnects(int maxReconnects) {
			this.maxReconnects = maxReconnects;
			return this;
		}

		/**
		 * Sets the pause between attempts to reconnect to the same server.
		 * @param reconnectWait a positive time
		 * @return this
		 */
		public Builder reconnectWait(Duration reconnectWait) {
			this.reconnectWait = reconnectWait;
			return this;
		}

		/**
		 * Sets the size of a chunk.
		 * @param chunkSize bytes, or 0 to choose by the size of the file
		 * @return this
		 */
		public Builder chunkSize(int chunkSize) {
			this.chunkSize = chunkSize;
			return this;
		}

		/**
		 * Sets the most bytes sent and not yet acknowledged.
		 * @param maxInFlight bytes
		 * @return this
		 */
		public Builder maxInFlight(int maxInFlight) {
			this.maxInFlight = maxInFlight;
			return this;
		}

		/**
		 * Sets how a missing bucket is created.
		 * @param bucketOptions the settings
		 * @return this
		 */
		public Builder bucketOptions(NatsBucketOptions bucketOptions) {
			this.bucketOptions = bucketOptions;
			return this;
		}

		/**
		 * Sets how the connection is watched.
		 * @param keepAlive the settings
		 * @return this
		 */
		public Builder keepAlive(NatsKeepAlive keepAlive) {
			this.keepAlive = keepAlive;
			return this;
		}

		/**
		 * States that the servers force each write to their disks.
		 * @param syncAlways whether they run with {@code sync_interval: always}
		 * @return this
		 */
		public Builder syncAlways(boolean syncAlways) {
			this.syncAlways = syncAlways;
			return this;
		}

		/**
		 * Sets what changes how connections are made. Listeners, executors, the reconnect
		 * buffer and the ways in which requests are answered are set again afterwards.
		 * @param connectionCustomizer called for each connection with the servers, as
		 * {@code host:port}, and the library's options; or {@code null}
		 * @return this
		 */
		public Builder connectionCustomizer(@Nullable BiConsumer<List<String>, Options.Builder> connectionCustomizer) {
			this.connectionCustomizer = connectionCustomizer;
			return this;
		}

		/**
		 * Builds the options.
		 * @return the options
		 * @throws IllegalArgumentException if a setting cannot be used; the message names
		 * it
		 */
		public NatsReplicaOptions build() {
			return new NatsReplicaOptions(this.servers, this.bucket, this.path, this.connectionName,
					this.connectionTimeout, this.requestTimeout, this.maxReconnects, this.reconnectWait, this.chunkSize,
					this.maxInFlight, this.bucketOptions, this.keepAlive, this.syncAlways, this.scheme,
					this.credentials, this.tls, this.domain, this.apiPrefix, this.inboxPrefix,
					this.connectionCustomizer);
		}

	}

}
