package dev.litestream.spring.autoconfigure;

import java.util.List;

import io.nats.client.Options;

/**
 * Callback for beans that change how replicas connect to NATS, after the properties were
 * applied. Called in the order of the beans, each time that a connection is made, once
 * for all replicas that share it. These beans must not need a DataSource.
 * <p>
 * Listeners, executors, the reconnect buffer, the ways in which requests are answered,
 * the connection's name and the prefix of inboxes are Litestream's own and are set again
 * afterwards. Servers, TLS and credentials come from the properties alone: a customizer
 * that sets them is refused when a connection is made.
 */
@FunctionalInterface
public interface NatsOptionsCustomizer {

	/**
	 * Changes how a connection is made.
	 * @param servers the servers that it is made to, as {@code host:port}
	 * @param builder the builder, to be changed
	 */
	void customize(List<String> servers, Options.Builder builder);

}
