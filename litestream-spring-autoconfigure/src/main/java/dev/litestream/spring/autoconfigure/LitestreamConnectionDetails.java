package dev.litestream.spring.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;

/**
 * How to reach the NATS servers of all NATS replicas. Wins over the servers and
 * credentials of {@code replica.url} and {@code replica.*}; buckets and paths stay those
 * of the properties.
 */
public interface LitestreamConnectionDetails extends ConnectionDetails {

	/**
	 * The servers.
	 * @return addresses as {@code host:port}, with or without a scheme such as
	 * {@code tls://}, which then counts for all
	 */
	List<String> getServers();

	/**
	 * The user name.
	 * @return the user name, or {@code null} for the credentials of the properties
	 */
	default @Nullable String getUsername() {
		return null;
	}

	/**
	 * The password.
	 * @return the password, or {@code null} for the credentials of the properties
	 */
	default @Nullable String getPassword() {
		return null;
	}

	/**
	 * The SSL bundle that the connection is made with.
	 * @return the bundle, or {@code null} for the TLS settings of the properties
	 */
	default @Nullable SslBundle getSslBundle() {
		return null;
	}

}
