package dev.litestream.spring.autoconfigure;

import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/**
 * What replicas take from the application beside their own properties. {@code natsUrl}
 * has the servers for URLs that name none.
 */
record ReplicaEnvironment(@Nullable String natsUrl, String connectionName, Supplier<@Nullable SslBundles> sslBundles,
		ReplicaBeans beans) {

	private static final int NAMES = 3;

	ReplicaEnvironment(@Nullable String natsUrl, String connectionName, Supplier<@Nullable SslBundles> sslBundles) {
		this(natsUrl, connectionName, sslBundles, ReplicaBeans.NONE);
	}

	/**
	 * The name under which the operator of the NATS server sees application and
	 * databases. All replicas have the same one, so that they can share a connection.
	 */
	static String connectionName(@Nullable String application, List<String> databases) {
		String names = String.join(", ", databases.subList(0, Math.min(NAMES, databases.size())));
		int more = databases.size() - NAMES;
		return "litestream " + (StringUtils.hasText(application) ? application + " " : "") + "(" + names
				+ ((more > 0) ? " and " + more + " more" : "") + ")";
	}

}
