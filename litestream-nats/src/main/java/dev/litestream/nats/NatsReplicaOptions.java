package dev.litestream.nats;

import java.time.Duration;

import dev.litestream.Setting;
import dev.litestream.nats.bucket.BucketUse;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.nats.connection.NatsConnectionOptions;
import dev.litestream.nats.connection.SubjectPrefix;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a database is replicated to NATS. Immutable; {@link #toString()} shows no
 * secret.
 *
 * @param connection which servers, who we are to them, and how the connection is
 * protected
 * @param bucket name of the object store bucket
 * @param path prefix of all object names, or {@code null} for Litestream's own names
 * @param domain JetStream domain that holds the bucket, or {@code null} for that of the
 * server
 * @param apiPrefix what the subjects of JetStream requests begin with, instead of
 * {@code $JS.API}, or {@code null}
 * @param requestTimeout longest time without an answer to a request
 * @param chunkSize size of a chunk in bytes, or 0 for 128 KB, and 512 KB for files above
 * 64 MB
 * @param maxInFlight most bytes sent and not yet acknowledged
 * @param bucketOptions how a missing bucket is created
 * @param syncAlways whether the operator says that the servers force each write to their
 * disks ({@code sync_interval: always}), which a client cannot see
 */
public record NatsReplicaOptions(NatsConnectionOptions connection, String bucket, @Nullable String path,
		@Nullable String domain, @Nullable String apiPrefix, Duration requestTimeout, int chunkSize, int maxInFlight,
		NatsBucketOptions bucketOptions, boolean syncAlways) implements BucketUse {

	private static final int SMALLEST_CHUNK = 1024;

	public NatsReplicaOptions {
		NatsNames.checkBucket(bucket);
		path = (path == null || path.isEmpty()) ? null : NatsNames.checkPath(path);
		NatsNames.checkDomain(domain);
		SubjectPrefix.check(apiPrefix, "litestream.replica.api-prefix", "JS.hub.API");
		if (domain != null && apiPrefix != null) {
			throw new Setting("litestream.replica.api-prefix").invalid(
					"cannot be used beside litestream.replica.domain",
					"Keep one of the two: the domain stands for the prefix $JS." + domain + ".API.");
		}
		new Setting("litestream.replica.request-timeout").requirePositive(requestTimeout);
		if (chunkSize != 0 && chunkSize < SMALLEST_CHUNK) {
			throw new IllegalArgumentException("The size of a chunk is " + chunkSize + "; use at least 1024 bytes");
		}
		if (maxInFlight < SMALLEST_CHUNK) {
			throw new IllegalArgumentException(
					"The number of bytes in flight is " + maxInFlight + "; use at least 1024 bytes");
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
		return this.connection.location() + "/" + this.bucket + ((this.path != null) ? "/" + this.path : "")
				+ ((this.domain != null) ? " in domain " + this.domain : "");
	}

	/** The location, with the path at its end, for comparison. */
	String place() {
		return this.connection.location() + " " + jetStreamPrefix() + " " + this.bucket
				+ ((this.path != null) ? "/" + this.path : "");
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
		return "NatsReplicaOptions[" + location() + ", " + this.connection.credentials()
				+ (this.connection.tls().enabled() ? ", TLS" : "") + "]";
	}

	/**
	 * Collects options, those of the connection included. Not thread-safe.
	 */
	public static final class Builder extends NatsConnectionOptions.Builder<Builder> {

		private final String bucket;

		private @Nullable String path;

		private Duration requestTimeout = Duration.ofSeconds(5);

		private int chunkSize;

		private int maxInFlight = 8 * 1024 * 1024;

		private NatsBucketOptions bucketOptions = NatsBucketOptions.DEFAULTS;

		private boolean syncAlways;

		private @Nullable String domain;

		private @Nullable String apiPrefix;

		Builder(String bucket) {
			this.bucket = bucket;
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
			this.apiPrefix = SubjectPrefix.withoutDot(apiPrefix);
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
		 * States that the servers force each write to their disks.
		 * @param syncAlways whether they run with {@code sync_interval: always}
		 * @return this
		 */
		public Builder syncAlways(boolean syncAlways) {
			this.syncAlways = syncAlways;
			return this;
		}

		@Override
		protected Builder self() {
			return this;
		}

		/**
		 * Builds the options.
		 * @return the options
		 * @throws IllegalArgumentException if a setting cannot be used; the message names
		 * it
		 */
		public NatsReplicaOptions build() {
			return new NatsReplicaOptions(connection(), this.bucket, this.path, this.domain, this.apiPrefix,
					this.requestTimeout, this.chunkSize, this.maxInFlight, this.bucketOptions, this.syncAlways);
		}

	}

}
