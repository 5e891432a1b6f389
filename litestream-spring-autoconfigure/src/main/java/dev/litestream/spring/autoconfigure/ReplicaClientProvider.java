package dev.litestream.spring.autoconfigure;

import java.util.Set;

import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * Bean that gives replicas in a store that Litestream itself does not know, chosen by the
 * scheme of {@code replica.url}. Schemes that Litestream knows stay its own. Such a bean
 * must not need a DataSource that is replicated.
 */
public interface ReplicaClientProvider {

	/**
	 * The schemes of URLs that this provider is for.
	 * @return schemes in lower case, such as {@code s3}
	 */
	Set<String> schemes();

	/**
	 * Creates a client, which keeps the rules of {@link ReplicaClient}. Does not connect.
	 * @param location where one database is replicated to
	 * @return the client, closed by the engine
	 * @throws IllegalArgumentException if the location cannot be used; the message says
	 * what to change and holds no secret
	 */
	ReplicaClient create(Location location);

	/**
	 * Where one database is replicated to.
	 *
	 * @param url the URL as configured, which may hold a password
	 * @param path what distinguishes this database from others at the URL:
	 * {@code replica.path} and, for databases of a directory, their path below it; or
	 * {@code null}
	 */
	record Location(String url, @Nullable String path) {

		/** Without the URL, which may hold a password. */
		@Override
		public String toString() {
			return "Location[path=" + this.path + "]";
		}

	}

}
