package dev.litestream.nats.connection;

import java.time.Duration;

/**
 * How a connection to NATS is watched, and made again when it is lost.
 *
 * @param reconnectJitter longest random time added to each pause between attempts to
 * reconnect, so that many applications do not come back at once
 * @param pingInterval time between pings of the server
 * @param maxPingsOut pings without an answer after which the connection counts as lost
 */
public record NatsKeepAlive(Duration reconnectJitter, Duration pingInterval, int maxPingsOut) {

	/** 100 ms of jitter; a ping each 20 s, of which two may stay without an answer. */
	public static final NatsKeepAlive DEFAULTS = new NatsKeepAlive(Duration.ofMillis(100), Duration.ofSeconds(20), 2);

	public NatsKeepAlive {
		if (reconnectJitter.isNegative()) {
			throw new IllegalArgumentException(
					"litestream.replica.reconnect-jitter is " + reconnectJitter + "; use 0 or more");
		}
		if (pingInterval.isNegative() || pingInterval.isZero()) {
			throw new IllegalArgumentException(
					"litestream.replica.ping-interval is " + pingInterval + "; use a positive time");
		}
		if (maxPingsOut < 1) {
			throw new IllegalArgumentException(
					"litestream.replica.max-pings-out is " + maxPingsOut + "; use at least 1");
		}
	}

}
