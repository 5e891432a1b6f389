package dev.litestream.nats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes objects: the metadata first, which makes an object invisible, then its chunks.
 * Both are purged, which leaves nothing behind and works on a full bucket, where a
 * tombstone could not be stored. Safe for use by several threads.
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

	/**
	 * Deletes objects; missing ones are fine.
	 * @param names the objects' names
	 * @throws IOException if one could not be deleted
	 */
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
		List<LeaderReads.Stored> found = new ArrayList<>(names.size());
		for (JetStreamApi.Request read : reads) {
			LeaderReads.Stored stored = this.leader.metaAnswer(read);
			if (stored != null) {
				found.add(stored);
			}
		}
		List<String> metas = new ArrayList<>(found.size());
		List<String> chunks = new ArrayList<>(found.size());
		for (LeaderReads.Stored stored : found) {
			metas.add(this.bucket.meta(stored.meta().name()));
			if (!stored.meta().nuid().isEmpty()) {
				chunks.add(this.bucket.chunks(stored.meta().nuid()));
			}
		}
		return purge(metas) + purge(chunks);
	}

	private long purge(List<String> subjects) throws IOException {
		List<JetStreamApi.Request> requests = new ArrayList<>(subjects.size());
		for (String subject : subjects) {
			requests.add(this.api.send(this.bucket.api("STREAM.PURGE"), null,
					("{\"filter\":" + Json.quote(subject) + "}").getBytes(StandardCharsets.UTF_8)));
		}
		long purged = 0;
		for (JetStreamApi.Request request : requests) {
			purged += Json.number(this.api.answer(request), "purged");
		}
		return purged;
	}

}
