package dev.litestream.spring.autoconfigure;

import java.util.List;

/**
 * The one replica of a database, however it is written: {@code replica}, or
 * {@code replicas} with a single entry, as older files of Litestream have it.
 *
 * @param key what stands before its keys
 * @param properties its properties
 */
record ConfiguredReplica(PropertyKey key, ReplicaProperties properties) {

	/**
	 * Finds the replica.
	 * @param key what stands before the keys of the database
	 * @param settings of the database, or those for all
	 * @return its replica
	 */
	static ConfiguredReplica of(PropertyKey key, DatabaseSettings settings) {
		List<ReplicaProperties> replicas = (settings instanceof DatabaseProperties database) ? database.getReplicas()
				: List.of();
		if (replicas.size() > 1) {
			throw key.child("replicas")
				.invalid("has more than one entry",
						"Keep one: a database has one replica, in a bucket whose copies NATS keeps by itself"
								+ " (litestream.replica.bucket.replicas).");
		}
		return replicas.isEmpty() ? new ConfiguredReplica(key.child("replica"), settings.getReplica())
				: new ConfiguredReplica(key.child("replicas[0]"), replicas.get(0));
	}

}
