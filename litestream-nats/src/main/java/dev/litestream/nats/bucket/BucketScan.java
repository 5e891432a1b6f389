package dev.litestream.nats.bucket;

import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Message;

/**
 * Reads the metadata of all objects of a bucket in one pass, since names are opaque to
 * the server. Complete, or an exception:
 * <ol>
 * <li>The leader counts the chunks of all objects.</li>
 * <li>The leader lists the subjects that hold metadata.</li>
 * <li>A consumer delivers the last message of each; all of its messages must arrive, and
 * the server must say that none is left.</li>
 * <li>A subject of step 2 without a message in step 3 was deleted in between, or missed
 * by a consumer on a follower that lags: the leader decides.</li>
 * <li>An object that lacked chunks in step 1, and still does so when the leader is asked
 * again, is a phantom: left by a put whose metadata was stored and whose chunks were not.
 * Chunks that belong to no object are orphans, or belong to a put under way.</li>
 * <li>The ledger must hold as many names as the leader listed in step 2 and did not
 * declare deleted in step 4.</li>
 * </ol>
 * Metadata is handed on as it comes; only subjects are held meanwhile. Thread-safe.
 */
class BucketScan {

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
	 * Enters all metadata in a ledger, and returns the ids of puts that have chunks and
	 * no metadata.
	 */
	Set<String> into(IndexLedger ledger) throws IOException {
		Map<String, Long> chunks = this.leader.subjects(this.bucket.allChunks());
		Set<String> missing = new HashSet<>(this.leader.subjects(this.bucket.allMeta()).keySet());
		int expected = missing.size();
		try (PullConsumer consumer = new PullConsumer(this.api, this.bucket, this.bucket.allMeta(),
				PullConsumer.LAST_PER_SUBJECT, false)) {
			read(consumer, (subject, stored) -> {
				// else a follower that lags still has what was deleted before
				if (missing.remove(subject) || ledger.isNewer(stored.sequence())) {
					enter(stored, chunks, ledger);
				}
			});
		}
		for (String subject : missing) {
			LeaderReads.Stored stored = this.leader.anyMetaAnswer(this.leader.requestMeta(subject));
			if (stored != null) {
				enter(stored, chunks, ledger);
			}
			else {
				expected--;
			}
		}
		ledger.filled(expected);
		Set<String> orphans = new HashSet<>();
		int prefix = this.bucket.chunks("").length();
		chunks.keySet().forEach((subject) -> orphans.add(subject.substring(prefix)));
		return orphans;
	}

	void enter(LeaderReads.Stored stored, Map<String, Long> chunks, IndexLedger ledger) throws IOException {
		ObjectMeta meta = stored.meta();
		Long count = chunks.remove(this.bucket.chunks(meta.nuid()));
		boolean intact = isWhole(meta, (count != null) ? count : 0) || isIntact(meta);
		ledger.scanned(stored.sequence(), meta, stored.time(), intact);
	}

	/** Whether the leader has all chunks of an object. */
	boolean isIntact(ObjectMeta meta) throws IOException {
		return isWhole(meta, 0) || isWhole(meta, this.leader.chunks(meta.nuid()));
	}

	private static boolean isWhole(ObjectMeta meta, long chunks) {
		return meta.deleted() || meta.nuid().isEmpty() || chunks >= meta.chunks();
	}

	private void read(PullConsumer consumer, Target target) throws IOException {
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
			Instant time = message.metaData().timestamp().toInstant();
			long sequence = message.metaData().streamSequence();
			ObjectMeta meta = ObjectMeta.of(this.bucket, message.getSubject(), sequence, message.getData());
			target.accept(message.getSubject(), new LeaderReads.Stored(meta, sequence, time));
		}
	}

	@FunctionalInterface
	private interface Target {

		void accept(String subject, LeaderReads.Stored stored) throws IOException;

	}

}
