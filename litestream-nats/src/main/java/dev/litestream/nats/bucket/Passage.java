package dev.litestream.nats.bucket;

import io.nats.client.api.ServerInfo;

/**
 * How the two messages of a small file, chunk and metadata, get to the stream. It is
 * chosen by what the server and the stream are when they are looked at, for as long as
 * the connection lasts.
 */
enum Passage {

	/** The metadata is sent when the chunk is acknowledged. Works everywhere. */
	APART(2),

	/**
	 * Both are sent together, the metadata on the condition that the chunk was stored
	 * right before it ({@code Nats-Expected-Last-Msg-Id}). Only to a stream that cannot
	 * have replicas: a replicated one of nats-server 2.15.2 stops for good when it
	 * refuses such a message. A server without a cluster cannot replicate a stream until
	 * it is restarted with one, which ends the connection.
	 */
	CHAINED(1),

	/**
	 * Both are one atomic batch (ADR-50). Only to a replicated stream: for another one
	 * the server makes a store for each batch, which takes longer than a second message.
	 */
	ATOMIC(1);

	/** Its fixes for batches that a change of the leader had parted came before it. */
	private static final ServerVersion SOUND_BATCHES = new ServerVersion(2, 14, 0);

	private final int roundTrips;

	Passage(int roundTrips) {
		this.roundTrips = roundTrips;
	}

	/** How often one waits for the server. */
	int roundTrips() {
		return this.roundTrips;
	}

	/**
	 * Chooses. {@code ownApi} tells whether the stream is at the server's own JetStream,
	 * as far as the subject of the API tells; another domain's server is not known.
	 */
	static Passage of(boolean ownApi, StreamState stream, ServerInfo server) {
		boolean alone = stream.replicas() == 1 && stream.cluster().isEmpty()
				&& stream.leader().equals(server.getServerName());
		if (ownApi && alone && !isClustered(server)) {
			return CHAINED;
		}
		boolean sound = batchesAreSound(ServerState.of(server).version());
		return (ownApi && stream.replicas() > 1 && stream.allowsBatches() && sound) ? ATOMIC : APART;
	}

	/** Whether a server's atomic batches can be relied on. */
	static boolean batchesAreSound(ServerVersion server) {
		return server.isAtLeast(SOUND_BATCHES);
	}

	private static boolean isClustered(ServerInfo server) {
		String cluster = server.getCluster();
		return cluster != null && !cluster.isEmpty();
	}

}
