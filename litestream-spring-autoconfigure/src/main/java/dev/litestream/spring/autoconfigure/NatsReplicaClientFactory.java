package dev.litestream.spring.autoconfigure;

import dev.litestream.nats.NatsBucketOptions;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

/**
 * Turns the properties of one NATS replica into its client.
 */
final class NatsReplicaClientFactory {

	private static final String DEFAULT_URL = "nats://localhost:4222";

	private static final int MAX_REPLICAS = 5;

	private final PropertyKey key;

	private final ReplicaProperties properties;

	private final @Nullable String below;

	NatsReplicaClientFactory(PropertyKey key, ReplicaProperties properties, @Nullable String below) {
		this.key = key;
		this.properties = properties;
		this.below = below;
	}

	ReplicaClient create() {
		return new NatsReplicaClient(options());
	}

	NatsReplicaOptions options() {
		NatsReplicaUrl url = url();
		NatsReplicaOptions.Builder builder = url.toOptions()
			.connectionTimeout(this.key.child("timeout").requirePositive(this.properties.getTimeout()))
			.maxReconnects(Math.max(this.properties.getMaxReconnects(), -1))
			.reconnectWait(this.key.child("reconnect-wait").requirePositive(this.properties.getReconnectWait()))
			.bucketOptions(bucketOptions());
		applyCredentials(builder, url);
		NatsReplicaOptions options = build(builder, hasBucketName() ? "bucket.name" : "url");
		String path = this.properties.getPath();
		if (StringUtils.hasLength(path)) {
			if (url.path() != null) {
				throw this.key.child("path")
					.invalid("is set although the URL holds a path too", "Keep one of the two.");
			}
			options = build(builder.path(path), "path");
		}
		if (this.below == null) {
			return options;
		}
		return build(builder.path((options.path() != null) ? options.path() + "/" + this.below : this.below), "path");
	}

	/**
	 * The URL, completed by the bucket's name where it is given apart.
	 */
	private NatsReplicaUrl url() {
		String url = this.properties.getUrl();
		url = StringUtils.hasText(url) ? url.trim() : DEFAULT_URL;
		if (hasBucketName()) {
			int slash = url.indexOf('/', url.indexOf("://") + 3);
			if (slash >= 0 && slash < url.length() - 1) {
				throw this.key.child("bucket.name")
					.invalid("is set although the URL names a bucket too", "Keep one of the two.");
			}
			url = ((slash >= 0) ? url.substring(0, slash) : url) + "/" + this.properties.getBucket().getName();
		}
		try {
			return NatsReplicaUrl.parse(url);
		}
		catch (IllegalArgumentException ex) {
			throw refused("url", ex);
		}
	}

	private boolean hasBucketName() {
		return StringUtils.hasText(this.properties.getBucket().getName());
	}

	private void applyCredentials(NatsReplicaOptions.Builder builder, NatsReplicaUrl url) {
		String username = textOrNull(this.properties.getUsername());
		String password = textOrNull(this.properties.getPassword());
		if (username == null && password == null) {
			return;
		}
		if (url.username() != null) {
			throw this.key.child("username")
				.invalid("or the password is set although the URL holds them too", "Remove them from the URL.");
		}
		if (username == null || password == null) {
			throw this.key.child((username == null) ? "username" : "password")
				.invalid("is missing", "Set both username and password, or neither.");
		}
		builder.credentials(username, password);
	}

	private NatsBucketOptions bucketOptions() {
		ReplicaProperties.Bucket bucket = this.properties.getBucket();
		PropertyKey key = this.key.child("bucket");
		DataSize maxBytes = bucket.getMaxBytes();
		if (maxBytes != null && maxBytes.toBytes() <= 0) {
			throw key.child("max-bytes")
				.invalid("must be greater than 0 (got " + maxBytes + ")", "Write a size such as 10GB, or remove it.");
		}
		return new NatsBucketOptions(bucket.isCreate(),
				key.child("replicas").requireBetween(bucket.getReplicas(), 1, MAX_REPLICAS), bucket.getStorage(),
				(maxBytes != null) ? maxBytes.toBytes() : -1, bucket.getDescription());
	}

	private NatsReplicaOptions build(NatsReplicaOptions.Builder builder, String key) {
		try {
			return builder.build();
		}
		catch (IllegalArgumentException ex) {
			throw refused(key, ex);
		}
	}

	// The message of this module holds no secret and says what to write.
	private InvalidLitestreamPropertyException refused(String key, IllegalArgumentException ex) {
		return this.key.child(key).invalid("cannot be used", StringUtils.capitalize(ex.getMessage()) + ".");
	}

	private static @Nullable String textOrNull(@Nullable String text) {
		return StringUtils.hasLength(text) ? text : null;
	}

}
