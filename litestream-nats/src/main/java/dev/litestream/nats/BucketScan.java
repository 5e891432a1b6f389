package dev.litestream.nats;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Message;

/**
 * Reads the metadata of all objects of a bucket in one pass, since names are opaque to
 * the server. Complete, or an exception:
 * <ol>
 * <li>The leader lists the subjects that hold metadata.</li>
 * <li>A consumer delivers the last message of each; all of its messages must arrive, and
 * the server must say that none is left.</li>
 * <li>A subject of step 1 without a message in step 2 was deleted in between, or missed
 * by a consumer on a follower that lags: the leader decides.</li>
 * <li>The leader counts the chunks of all objects. An object that lacks some, and still
 * does so when asked again, is a phantom: left by a put whose metadata was stored and
 * whose chunks were not. Chunks that belong to no object are orphans, or belong to a put
 * under way.</li>
 * </ol>
 * Safe for use by several threads.
 */
final class BucketScan {

	private final JetStreamApi api;

	private final Bucket bucket;

	private final LeaderReads leader;

	BucketScan(JetStreamApi api, Bucket bucket, LeaderReads leader) {
		this.api = api;
		this.bucket = bucket;
		this.leader = leader;
	}

	JetStreamApi api() {
		return this.api;
	}

	Bucket bucket() {
		return this.bucket;
	}

	LeaderReads leader() {
		return this.leader;
	}

	/**
	 * Scans the bucket.
	 * @param ledger where all metadata is entered
	 * @return the ids of puts that have chunks and no metadata
	 * @throws IOException if the scan could not be proved complete
	 */
	Set<String> into(IndexLedger ledger) throws IOException {
		Set<String> missing = new HashSet<>(this.leader.subjects(this.bucket.allMeta()).keySet());
		Map<String, LeaderReads.Stored> found = new HashMap<>();
		try (PullConsumer consumer = new PullConsumer(this.api, this.bucket, this.bucket.allMeta(),
				PullConsumer.LAST_PER_SUBJECT, false)) {
			read(consumer, found, missing);
		}
		for (String subject : missing) {
			LeaderReads.Stored stored = this.leader.metaAnswer(this.leader.requestMeta(subject));
			if (stored != null) {
				found.put(subject, stored);
			}
		}
		Map<String, Long> chunks = this.leader.subjects(this.bucket.allChunks());
		for (LeaderReads.Stored stored : found.values()) {
			ObjectMeta meta = stored.meta();
			Long count = chunks.remove(this.bucket.chunks(meta.nuid()));
			boolean intact = isWhole(meta, (count != null) ? count : 0);
			if (!intact) {
				LeaderReads.Stored now = this.leader.meta(meta.name());
				if (now == null) {
					continue;
				}
				stored = now;
				intact = isIntact(now.meta());
			}
			ledger.scanned(stored.sequence(), stored.meta(), stored.time(), intact);
		}
		Set<String> orphans = new HashSet<>();
		int prefix = this.bucket.chunks("").length();
		chunks.keySet().forEach((subject) -> orphans.add(subject.substring(prefix)));
		return orphans;
	}

	/**
	 * Whether the leader has all chunks of an object.
	 * @param meta its metadata
	 * @return whether it can be read
	 * @throws IOException if there is no answer
	 */
	boolean isIntact(ObjectMeta meta) throws IOException {
		return isWhole(meta, 0) || isWhole(meta, this.leader.chunks(meta.nuid()));
	}

	private static boolean isWhole(ObjectMeta meta, long chunks) {
		return meta.deleted() || meta.nuid().isEmpty() || chunks >= meta.chunks();
	}

	private void read(PullConsumer consumer, Map<String, LeaderReads.Stored> found, Set<String> missing)
			throws IOException {
		long deadline = System.nanoTime() + this.api.options().requestTimeout().toNanos();
		while (consumer.pending() > 0) {
			Message message = consumer.next();
			if (message == null) {
				// fewer than announced: others delete meanwhile, which the server
				// confirms
				if (consumer.isExhausted()) {
					return;
				}
				if (System.nanoTime() - deadline > 0) {
					throw new ReplicaUnavailableException(
							"The listing of " + this.api.options().location() + " stayed incomplete: "
									+ consumer.received() + " entries came, " + consumer.pending() + " are missing");
				}
				continue;
			}
			deadline = System.nanoTime() + this.api.options().requestTimeout().toNanos();
			missing.remove(message.getSubject());
			Instant time = message.metaData().timestamp().toInstant();
			found.put(message.getSubject(), new LeaderReads.Stored(ObjectMeta.parse(message.getData()),
					message.metaData().streamSequence(), time));
		}
	}

}
