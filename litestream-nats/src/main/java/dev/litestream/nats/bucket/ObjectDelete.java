package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.nats.connection.Json;

/**
 * Deletes objects: the metadata first, which makes an object invisible, then its chunks.
 * Both are purged, which leaves nothing behind and works on a full bucket, where a
 * tombstone could not be stored. Nothing newer than the metadata that was read goes with
 * them, nor what another name in it would stand for. Thread-safe.
 */
final class ObjectDelete {

	private static final int AT_ONCE = 64;

	private final JetStreamApi api;

	private final Bucket bucket;

	private final LeaderReads leader;

	private final BucketIndex index;

	ObjectDelete(JetStreamApi api, Bucket bucket, LeaderReads leader, BucketIndex index) {
		this.api = api;
		this.bucket = bucket;
		this.leader = leader;
		this.index = index;
	}

	/** Deletes objects; missing ones are fine. */
	void delete(List<String> names) throws IOException {
		for (int from = 0; from < names.size(); from += AT_ONCE) {
			List<String> some = names.subList(from, Math.min(names.size(), from + AT_ONCE));
			try (BucketIndex.Removal removal = this.index.remove(this.api)) {
				removal.done(some, deleteSome(some));
			}
		}
	}

	private long deleteSome(List<String> names) throws IOException {
		List<JetStreamApi.Request> reads = new ArrayList<>(names.size());
		for (String name : names) {
			reads.add(this.leader.requestMeta(this.bucket.meta(name)));
		}
		List<Purge> metas = new ArrayList<>(names.size());
		List<Purge> chunks = new ArrayList<>(names.size());
		for (int i = 0; i < reads.size(); i++) {
			LeaderReads.Stored stored = this.leader.metaAnswer(reads.get(i));
			if (stored != null) {
				metas.add(new Purge(this.bucket.meta(names.get(i)), stored.sequence()));
				if (!stored.meta().nuid().isEmpty()) {
					// its chunks were there before it
					chunks.add(new Purge(this.bucket.chunks(stored.meta().nuid()), stored.sequence()));
				}
			}
		}
		return purge(metas) + purge(chunks);
	}

	private long purge(List<Purge> purges) throws IOException {
		List<JetStreamApi.Request> requests = new ArrayList<>(purges.size());
		for (Purge purge : purges) {
			requests.add(this.api.send(this.bucket.api("STREAM.PURGE"), null,
					("{\"filter\":" + Json.quote(purge.subject()) + ",\"seq\":" + (purge.last() + 1) + "}")
						.getBytes(StandardCharsets.UTF_8)));
		}
		long purged = 0;
		for (JetStreamApi.Request request : requests) {
			purged += Json.number(this.api.answer(request), "purged");
		}
		return purged;
	}

	/**
	 * What to remove.
	 *
	 * @param subject from this subject
	 * @param last up to this sequence
	 */
	private record Purge(String subject, long last) {

	}

}
