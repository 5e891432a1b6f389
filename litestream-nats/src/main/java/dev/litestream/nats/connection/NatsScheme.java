package dev.litestream.nats.connection;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * How a NATS server is spoken to.
 */
public enum NatsScheme {

	/** NATS over TCP; with TLS if the options or the server's CA ask for it. */
	NATS(4222),

	/** NATS over TCP with TLS. */
	TLS(4222),

	/** NATS over WebSocket, without TLS. */
	WS(80),

	/** NATS over WebSocket with TLS. */
	WSS(443);

	private final int defaultPort;

	NatsScheme(int defaultPort) {
		this.defaultPort = defaultPort;
	}

	/**
	 * The port of a server that names none.
	 * @return the port
	 */
	public int defaultPort() {
		return this.defaultPort;
	}

	/**
	 * What a URL begins with.
	 * @return for example {@code nats://}
	 */
	public String prefix() {
		return name().toLowerCase(Locale.ROOT) + "://";
	}

	public boolean isWebSocket() {
		return this == WS || this == WSS;
	}

	/** Whether it means TLS by itself. */
	public boolean isSecure() {
		return this == TLS || this == WSS;
	}

	/**
	 * The scheme a text begins with.
	 * @param text a URL or a server's address
	 * @return the scheme, or {@code null} if there is none of these
	 */
	public static @Nullable NatsScheme of(String text) {
		for (NatsScheme scheme : values()) {
			String prefix = scheme.prefix();
			if (text.regionMatches(true, 0, prefix, 0, prefix.length())) {
				return scheme;
			}
		}
		return null;
	}

}
