package dev.litestream.spring.autoconfigure;

import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/**
 * What replicas take from the application beside their own properties.
 *
 * @param natsUrl servers for URLs that name none, or {@code null}
 * @param connectionName name of NATS connections
 * @param sslBundles the SSL bundles, asked for only where one is named
 * @param beans the application's beans that have a say in its replicas
 */
record ReplicaEnvironment(@Nullable String natsUrl, String connectionName, Supplier<@Nullable SslBundles> sslBundles,
		ReplicaBeans beans) {

	private static final int NAMES = 3;

	ReplicaEnvironment(@Nullable String natsUrl, String connectionName, Supplier<@Nullable SslBundles> sslBundles) {
		this(natsUrl, connectionName, sslBundles, ReplicaBeans.NONE);
	}

	/**
	 * The name by which the NATS server's operator knows application and databases. All
	 * replicas have the same, so that they can share a connection.
	 * @param application the application's name, or {@code null}
	 * @param databases names of its databases
	 * @return the name
	 */
	static String connectionName(@Nullable String application, List<String> databases) {
		String names = String.join(", ", databases.subList(0, Math.min(NAMES, databases.size())));
		int more = databases.size() - NAMES;
		return "litestream " + (StringUtils.hasText(application) ? application + " " : "") + "(" + names
				+ ((more > 0) ? " and " + more + " more" : "") + ")";
	}

}
