package dev.litestream.nats.bucket;

import dev.litestream.Durability;

/**
 * What an acknowledgement of JetStream is worth. It comes when most replicas have written
 * a message to their disks, or rather to the page caches of their systems: nats-server
 * forces them to the disk each two minutes, unless {@code sync_interval: always} is set,
 * which a client cannot see.
 */
final class BucketDurability {

	/** Two replicas keep data on both, but neither can go on without the other. */
	private static final int SMALLEST_CLUSTER = 3;

	private BucketDurability() {
	}

	/**
	 * {@code syncAlways} is what the operator says of {@code sync_interval: always}.
	 */
	static Durability of(BucketState bucket, boolean syncAlways) {
		if (bucket.inMemory() || bucket.ackBeforeWrite()) {
			return Durability.VOLATILE;
		}
		if (bucket.replicas() >= SMALLEST_CLUSTER) {
			return syncAlways ? Durability.CLUSTER_SYNCED : Durability.CLUSTER;
		}
		return syncAlways ? Durability.SERVER_SYNCED : Durability.SERVER;
	}

}
