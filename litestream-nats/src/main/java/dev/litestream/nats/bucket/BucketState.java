package dev.litestream.nats.bucket;

import java.time.Duration;
import java.util.List;

import dev.litestream.nats.connection.Json;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A bucket's settings and size, as {@code STREAM.INFO} tells them: no limit is -1,
 * whichever way the server says so.
 *
 * @param inMemory whether its messages are held in memory
 * @param ackBeforeWrite whether messages are acknowledged before they are written
 * ({@code persist_mode: async})
 * @param replicas number of servers that hold it
 * @param offline names of those that are away
 * @param bytes its size
 * @param maxBytes its largest size, or -1
 * @param maxAge age after which messages are deleted, or zero
 * @param maxMessageSize largest message, or -1
 * @param maxConsumers most consumers, or -1
 * @param sealed whether it takes and deletes nothing any more
 * @param allowsRollup whether it is an object store
 * @param discardsNew whether it refuses messages when it is full, and keeps the old ones
 * @param deniesPurge whether messages cannot be purged
 * @param compressed whether the servers compress it
 */
record BucketState(boolean inMemory, boolean ackBeforeWrite, int replicas, List<String> offline, long bytes,
		long maxBytes, Duration maxAge, long maxMessageSize, long maxConsumers, boolean sealed, boolean allowsRollup,
		boolean discardsNew, boolean deniesPurge, boolean compressed) {

	static BucketState parse(JsonValue info) {
		JsonValue config = Json.member(info, "config");
		String compression = Json.text(config, "compression");
		return new BucketState("memory".equals(Json.text(config, "storage")),
				"async".equals(Json.text(config, "persist_mode")), (int) Json.number(config, "num_replicas"),
				offline(Json.member(info, "cluster")), Json.number(Json.member(info, "state"), "bytes"),
				limit(config, "max_bytes"), Duration.ofNanos(Json.number(config, "max_age")),
				limit(config, "max_msg_size"), limit(config, "max_consumers"), Json.flag(config, "sealed"),
				Json.flag(config, "allow_rollup_hdrs"), "new".equals(Json.text(config, "discard")),
				Json.flag(config, "deny_purge"), !compression.isEmpty() && !"none".equals(compression));
	}

	private static long limit(@Nullable JsonValue config, String key) {
		long limit = Json.number(config, key);
		return (limit > 0) ? limit : -1;
	}

	private static List<String> offline(@Nullable JsonValue cluster) {
		return Json.elements(Json.member(cluster, "replicas"))
			.stream()
			.filter((replica) -> Json.flag(replica, "offline"))
			.map((replica) -> Json.text(replica, "name"))
			.toList();
	}

	/** How full it is in percent; 0 without a limit. */
	int percentFull() {
		return (this.maxBytes > 0) ? (int) (100 * (double) this.bytes / this.maxBytes) : 0;
	}

}
