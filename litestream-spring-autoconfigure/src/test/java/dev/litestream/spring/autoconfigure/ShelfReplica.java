package dev.litestream.spring.autoconfigure;

import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.ReplicaClient;

/**
 * A replica of an application's own.
 */
final class ShelfReplica extends FilterReplicaClient {

	private final String location;

	/** Creates a replica. */
	ShelfReplica(ReplicaClient client, String location) {
		super(client);
		this.location = location;
	}

	@Override
	public String type() {
		return "shelf";
	}

	@Override
	public String location() {
		return this.location;
	}

}
