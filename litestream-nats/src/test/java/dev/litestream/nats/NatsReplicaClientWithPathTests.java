package dev.litestream.nats;

/**
 * The contract of all replicas, below a path.
 */
class NatsReplicaClientWithPathTests extends NatsReplicaClientTests {

	@Override
	protected String path() {
		return "shop/orders.db";
	}

}
