package dev.litestream.nats.connection;

import java.time.Duration;

import dev.litestream.Setting;

/**
 * How a connection to NATS is watched, and made again when it is lost.
 *
 * @param reconnectJitter longest random time added to each pause between attempts to
 * reconnect, so that many applications do not come back at the same time
 * @param pingInterval time between pings of the server
 * @param maxPingsOut pings without an answer after which the connection counts as lost
 */
public record NatsKeepAlive(Duration reconnectJitter, Duration pingInterval, int maxPingsOut) {

	/** 100 ms of jitter; a ping each 20 s, of which two may stay without an answer. */
	public static final NatsKeepAlive DEFAULTS = new NatsKeepAlive(Duration.ofMillis(100), Duration.ofSeconds(20), 2);

	public NatsKeepAlive {
		new Setting("litestream.replica.reconnect-jitter").requireNotNegative(reconnectJitter);
		new Setting("litestream.replica.ping-interval").requirePositive(pingInterval);
		new Setting("litestream.replica.max-pings-out").requireBetween(maxPingsOut, 1, Integer.MAX_VALUE);
	}

}
