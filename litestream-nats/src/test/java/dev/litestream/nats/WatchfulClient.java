package dev.litestream.nats;

import java.time.Duration;

/**
 * Clients that look at their bucket more often than an application's.
 */
public final class WatchfulClient {

	private WatchfulClient() {
	}

	public static NatsReplicaClient create(NatsReplicaOptions options, Duration lookInterval) {
		return new NatsReplicaClient(options, lookInterval);
	}

}
