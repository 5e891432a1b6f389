package dev.litestream.spring.autoconfigure;

import java.util.function.Supplier;

import dev.litestream.InvalidSettingException;
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
 * A replica in NATS: turns its properties into a client. The NATS module checks the
 * values.
 */
final class ConfiguredNatsReplica {

	private static final String DEFAULT_SERVER = "localhost";

	private final PropertyKey key;

	private final ReplicaProperties properties;

	private final ReplicaEnvironment environment;

	private final @Nullable String below;

	ConfiguredNatsReplica(PropertyKey key, ReplicaProperties properties, ReplicaEnvironment environment,
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
			.connectionTimeout(this.properties.getTimeout())
			.maxReconnects(Math.max(this.properties.getMaxReconnects(), -1))
			.reconnectWait(this.properties.getReconnectWait())
			.requestTimeout(this.properties.getRequestTimeout())
			.keepAlive(new NatsKeepAlive(this.properties.getReconnectJitter(), this.properties.getPingInterval(),
					this.properties.getMaxPingsOut()))
			.syncAlways(this.properties.isSyncAlways())
			.connectionName(this.environment.connectionName())
			.bucketOptions(bucketOptions())
			.credentials(new NatsCredentialsFactory(this.key, this.properties).create(url.credentials()))
			.connectionCustomizer(this.environment.beans().natsCustomizer())
			.domain(textOrNull(this.properties.getDomain()))
			.apiPrefix(textOrNull(this.properties.getApiPrefix()))
			.inboxPrefix(textOrNull(this.properties.getInboxPrefix()))
			.path(path(url));
		LitestreamConnectionDetails details = this.environment.beans().connectionDetails().get();
		if (details != null) {
			apply(details, builder);
		}
		else {
			builder.tls(tls(url.scheme()));
		}
		try {
			return builder.build();
		}
		catch (InvalidSettingException ex) {
			throw ex;
		}
		catch (IllegalArgumentException ex) {
			throw refused("url", ex);
		}
	}

	private @Nullable String path(NatsReplicaUrl url) {
		String path = textOrNull(this.properties.getPath());
		if (path != null && url.path() != null) {
			throw this.key.child("path").invalid("is set although the URL contains a path too", "Keep one of the two.");
		}
		if (path == null) {
			path = url.path();
		}
		if (this.below == null) {
			return path;
		}
		return (path != null) ? path + "/" + this.below : this.below;
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
			NatsReplicaUrl parsed = NatsReplicaUrl.parse(url, StringUtils.hasText(servers) ? servers : DEFAULT_SERVER);
			parsed.toOptions().build();
			return parsed;
		}
		catch (IllegalArgumentException ex) {
			throw refused(hasBucketName() ? "bucket.name" : "url", ex);
		}
	}

	private boolean hasBucketName() {
		return StringUtils.hasText(this.properties.getBucket().getName());
	}

	private NatsBucketOptions bucketOptions() {
		BucketProperties bucket = this.properties.getBucket();
		DataSize maxBytes = bucket.getMaxBytes();
		long limit = (maxBytes == null) ? -1 : this.key.child("bucket.max-bytes")
			.require((setting) -> setting.requirePositiveSize(maxBytes.toBytes(), "10GB"));
		return new NatsBucketOptions(bucket.isCreate(), bucket.getReplicas(), bucket.getStorage(), limit,
				bucket.getDescription(), new NatsBucketOptions.Placement(textOrNull(bucket.getPlacement().getCluster()),
						bucket.getPlacement().getTags()),
				bucket.getMetadata(), bucket.isCompression());
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
