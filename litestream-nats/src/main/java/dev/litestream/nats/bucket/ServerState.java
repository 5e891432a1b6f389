package dev.litestream.nats.bucket;

import io.nats.client.api.ServerInfo;

/**
 * The server that a connection leads to.
 *
 * @param version its version
 * @param clustered whether it belongs to a cluster
 * @param maxPayload the largest message that it takes, in bytes
 */
record ServerState(ServerVersion version, boolean clustered, long maxPayload) {

	static ServerState of(ServerInfo info) {
		String cluster = info.getCluster();
		return new ServerState(ServerVersion.parse(info.getVersion()), cluster != null && !cluster.isEmpty(),
				info.getMaxPayload());
	}

}
