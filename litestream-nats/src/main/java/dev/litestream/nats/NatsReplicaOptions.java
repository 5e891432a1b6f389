package dev.litestream.nats;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Where and how a database is replicated to NATS. Immutable; {@link #toString()} shows no
 * secret.
 *
 * @param servers addresses as {@code host:port}, at least one
 * @param bucket name of the object store bucket
 * @param path prefix of all object names, or {@code null} for Litestream's own names
 * @param username user name, or {@code null}
 * @param password password, or {@code null}
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
 */
public record NatsReplicaOptions(List<String> servers, String bucket, @Nullable String path, @Nullable String username,
		@Nullable String password, String connectionName, Duration connectionTimeout, Duration requestTimeout,
		int maxReconnects, Duration reconnectWait, int chunkSize, int maxInFlight, NatsBucketOptions bucketOptions,
		NatsKeepAlive keepAlive, boolean syncAlways) {

	/** Port of a server that names none. */
	public static final int DEFAULT_PORT = 4222;

	private static final int SMALLEST_CHUNK = 1024;

	private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9_-]+");

	private static final Pattern PATH = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");

	public NatsReplicaOptions {
		if (servers.isEmpty()) {
			throw new IllegalArgumentException("replica.servers is empty; name at least one server as host:port");
		}
		servers = servers.stream().map(NatsReplicaUrl::server).toList();
		if (!BUCKET.matcher(bucket).matches()) {
			throw new IllegalArgumentException(
					"'" + bucket + "' is not a bucket name; use letters, digits, '_' and '-' only");
		}
		path = (path == null || path.isEmpty()) ? null : checkPath(path);
		if ((username == null) != (password == null)) {
			throw new IllegalArgumentException(
					"Set both replica.username and replica.password, or neither; only one of them is set");
		}
		requirePositive(connectionTimeout, "replica.connection-timeout");
		requirePositive(requestTimeout, "replica.request-timeout");
		requirePositive(reconnectWait, "replica.reconnect-wait");
		if (maxReconnects < -1) {
			throw new IllegalArgumentException("replica.max-reconnects is " + maxReconnects + "; use -1 for no limit");
		}
		if (chunkSize != 0 && chunkSize < SMALLEST_CHUNK) {
			throw new IllegalArgumentException("replica.chunk-size is " + chunkSize + "; use at least 1024 bytes");
		}
		if (maxInFlight < SMALLEST_CHUNK) {
			throw new IllegalArgumentException("replica.max-in-flight is " + maxInFlight + "; use at least 1024 bytes");
		}
	}

	private static String checkPath(String path) {
		if (!PATH.matcher(path).matches()) {
			throw new IllegalArgumentException("replica.path '" + path
					+ "' cannot be used; use letters, digits, '.', '_' and '-', with single '/' in between");
		}
		for (String segment : path.split("/")) {
			if (segment.equals(".") || segment.equals("..")) {
				throw new IllegalArgumentException(
						"replica.path '" + path + "' cannot be used; remove its '" + segment + "'");
			}
		}
		if (path.equals("ltx") || path.startsWith("ltx/")) {
			// else its objects would lie among those of a database without a path
			throw new IllegalArgumentException(
					"replica.path '" + path + "' cannot be used; it must not begin with 'ltx'");
		}
		return path;
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
	public String location() {
		return "nats://" + String.join(",", this.servers) + "/" + this.bucket
				+ ((this.path != null) ? "/" + this.path : "");
	}

	@Override
	public String toString() {
		return "NatsReplicaOptions[" + location() + ((this.username != null) ? ", with user and password" : "") + "]";
	}

	/**
	 * Collects options. Not safe for use by several threads.
	 */
	public static final class Builder {

		private final String bucket;

		private List<String> servers = List.of("localhost:" + DEFAULT_PORT);

		private @Nullable String path;

		private @Nullable String username;

		private @Nullable String password;

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

		Builder(String bucket) {
			this.bucket = bucket;
		}

		/**
		 * Sets the servers.
		 * @param servers addresses as {@code host}, {@code host:port} or
		 * {@code nats://host:port}
		 * @return this
		 */
		public Builder servers(List<String> servers) {
			this.servers = new ArrayList<>(servers);
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
		 * Sets user name and password.
		 * @param username the user name, or {@code null}
		 * @param password the password, or {@code null}
		 * @return this
		 */
		public Builder credentials(@Nullable String username, @Nullable String password) {
			this.username = username;
			this.password = password;
			return this;
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
		 * Builds the options.
		 * @return the options
		 * @throws IllegalArgumentException if a setting cannot be used; the message names
		 * it
		 */
		public NatsReplicaOptions build() {
			return new NatsReplicaOptions(this.servers, this.bucket, this.path, this.username, this.password,
					this.connectionName, this.connectionTimeout, this.requestTimeout, this.maxReconnects,
					this.reconnectWait, this.chunkSize, this.maxInFlight, this.bucketOptions, this.keepAlive,
					this.syncAlways);
		}

	}

}
