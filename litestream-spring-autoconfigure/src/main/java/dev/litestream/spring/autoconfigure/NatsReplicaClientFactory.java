package dev.litestream.spring.autoconfigure;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.nats.connection.NatsKeepAlive;
import dev.litestream.nats.connection.NatsScheme;
import dev.litestream.nats.connection.NatsTls;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

/**
 * Turns the properties of one NATS replica into its client.
 */
final class NatsReplicaClientFactory {

	private static final String DEFAULT_SERVER = "localhost";

	private static final int MAX_REPLICAS = 5;

	private final PropertyKey key;

	private final ReplicaProperties properties;

	private final ReplicaEnvironment environment;

	private final @Nullable String below;

	NatsReplicaClientFactory(PropertyKey key, ReplicaProperties properties, ReplicaEnvironment environment,
			@Nullable String below) {
		this.key = key;
		this.properties = properties;
		this.environment = environment;
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
			.requestTimeout(this.key.child("request-timeout").requirePositive(this.properties.getRequestTimeout()))
			.keepAlive(keepAlive())
			.syncAlways(this.properties.isSyncAlways())
			.connectionName(this.environment.connectionName())
			.bucketOptions(bucketOptions())
			.credentials(new NatsCredentialsFactory(this.key, this.properties).create(url.credentials()))
			.connectionCustomizer(this.environment.beans().natsCustomizer());
		LitestreamConnectionDetails details = this.environment.beans().connectionDetails().get();
		if (details != null) {
			apply(details, builder);
		}
		else {
			builder.tls(tls(url.scheme()));
		}
		NatsReplicaOptions options = build(builder, hasBucketName() ? "bucket.name" : "url");
		options = with(builder, options, "domain", this.properties.getDomain(), builder::domain);
		options = with(builder, options, "api-prefix", this.properties.getApiPrefix(), builder::apiPrefix);
		options = with(builder, options, "inbox-prefix", this.properties.getInboxPrefix(), builder::inboxPrefix);
		String path = this.properties.getPath();
		if (StringUtils.hasLength(path) && url.path() != null) {
			throw this.key.child("path").invalid("is set although the URL holds a path too", "Keep one of the two.");
		}
		options = with(builder, options, "path", path, builder::path);
		String below = this.below;
		if (below != null && options.path() != null) {
			below = options.path() + "/" + below;
		}
		return with(builder, options, "path", below, builder::path);
	}

	/** Connection details win over the servers and credentials of the properties. */
	private void apply(LitestreamConnectionDetails details, NatsReplicaOptions.Builder builder) {
		try {
			builder.scheme(NatsScheme.NATS).servers(details.getServers());
			String username = details.getUsername();
			if (username != null) {
				builder.credentials(username, details.getPassword());
			}
		}
		catch (IllegalArgumentException ex) {
			throw refused("url", ex);
		}
		SslBundle bundle = details.getSslBundle();
		builder.tls((bundle != null) ? NatsTls.DEFAULTS.bundle(new DetailsManagers(bundle)) : tls(NatsScheme.NATS));
	}

	private NatsTls tls(NatsScheme scheme) {
		return new NatsTlsFactory(this.key, this.properties, this.environment).create(scheme);
	}

	/** Sets one more thing, so that its own key is named if it is refused. */
	private NatsReplicaOptions with(NatsReplicaOptions.Builder builder, NatsReplicaOptions options, String key,
			@Nullable String value, Consumer<String> setter) {
		if (!StringUtils.hasLength(value)) {
			return options;
		}
		setter.accept(value);
		return build(builder, key);
	}

	/**
	 * The URL, completed by the bucket's name where it is given apart.
	 */
	private NatsReplicaUrl url() {
		String url = this.properties.getUrl();
		url = StringUtils.hasText(url) ? url.trim() : "nats://";
		if (hasBucketName()) {
			int slash = url.indexOf('/', url.indexOf("://") + 3);
			if (slash >= 0 && slash < url.length() - 1) {
				throw this.key.child("bucket.name")
					.invalid("is set although the URL names a bucket too", "Keep one of the two.");
			}
			url = ((slash >= 0) ? url.substring(0, slash) : url) + "/" + this.properties.getBucket().getName();
		}
		try {
			String servers = this.environment.natsUrl();
			return NatsReplicaUrl.parse(url, StringUtils.hasText(servers) ? servers : DEFAULT_SERVER);
		}
		catch (IllegalArgumentException ex) {
			throw refused("url", ex);
		}
	}

	private boolean hasBucketName() {
		return StringUtils.hasText(this.properties.getBucket().getName());
	}

	private NatsKeepAlive keepAlive() {
		return new NatsKeepAlive(
				this.key.child("reconnect-jitter").requireNotNegative(this.properties.getReconnectJitter()),
				this.key.child("ping-interval").requirePositive(this.properties.getPingInterval()),
				this.key.child("max-pings-out").requireBetween(this.properties.getMaxPingsOut(), 1, Integer.MAX_VALUE));
	}

	private NatsBucketOptions bucketOptions() {
		BucketProperties bucket = this.properties.getBucket();
		PropertyKey key = this.key.child("bucket");
		DataSize maxBytes = bucket.getMaxBytes();
		if (maxBytes != null && maxBytes.toBytes() <= 0) {
			throw key.child("max-bytes")
				.invalid("must be greater than 0 (got " + maxBytes + ")", "Write a size such as 10GB, or remove it.");
		}
		return new NatsBucketOptions(bucket.isCreate(),
				key.child("replicas").requireBetween(bucket.getReplicas(), 1, MAX_REPLICAS), bucket.getStorage(),
				(maxBytes != null) ? maxBytes.toBytes() : -1, bucket.getDescription(),
				new NatsBucketOptions.Placement(textOrNull(bucket.getPlacement().getCluster()),
						bucket.getPlacement().getTags()),
				metadata(key, bucket.getMetadata()), bucket.isCompression());
	}

	private static Map<String, String> metadata(PropertyKey key, Map<String, String> metadata) {
		for (String name : metadata.keySet()) {
			if (name.isBlank() || name.startsWith("_nats")) {
				throw key.child("metadata")
					.invalid("has the name '" + name + "', which NATS keeps for itself or cannot keep",
							"Use another name.");
			}
		}
		return metadata;
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
		return this.key.child(key).unusable(ex.getMessage());
	}

	/** Trust and keys of connection details; the same bundle gives equal ones. */
	private record DetailsManagers(SslBundle bundle) implements Supplier<NatsTls.Managers> {

		@Override
		public NatsTls.Managers get() {
			return BundleManagers.of(this.bundle);
		}

	}

	private static @Nullable String textOrNull(@Nullable String text) {
		return StringUtils.hasLength(text) ? text : null;
	}

}
