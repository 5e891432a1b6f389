package dev.litestream.nats.bucket;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.litestream.nats.connection.SharedConnection;

/**
 * The indexes in use: one for each bucket and connection, forgotten with its last user.
 * Thread-safe.
 */
final class SharedIndexes {

	private static final Map<Key, Used> indexes = new ConcurrentHashMap<>();

	private SharedIndexes() {
	}

	/** The index of a bucket, to be released once. */
	static BucketIndex acquire(SharedConnection connection, Bucket bucket) {
		return indexes.compute(Key.of(connection, bucket), (key, used) -> (used != null)
				? new Used(used.index, used.users + 1) : new Used(new BucketIndex(), 1)).index;
	}

	static void release(SharedConnection connection, Bucket bucket) {
		indexes.computeIfPresent(Key.of(connection, bucket),
				(key, used) -> (used.users > 1) ? new Used(used.index, used.users - 1) : null);
	}

	static long count(SharedConnection connection) {
		return indexes.keySet().stream().filter((key) -> key.connection == connection).count();
	}

	/** The same bucket in another domain is another one. */
	private record Key(SharedConnection connection, String subject) {

		static Key of(SharedConnection connection, Bucket bucket) {
			return new Key(connection, bucket.api("STREAM.INFO"));
		}

	}

	private record Used(BucketIndex index, int users) {

	}

}
