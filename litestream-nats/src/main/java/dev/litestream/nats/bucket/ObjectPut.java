package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.litestream.nats.connection.Json;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.NUID;
import io.nats.client.impl.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates an object, once.
 * <ol>
 * <li>The chunks are sent on a subject of their own and all acknowledged. If that fails,
 * they are purged: nothing was visible.</li>
 * <li>The metadata is published on the condition that its subject holds no message. Its
 * acknowledgement makes the object visible and ours.</li>
 * <li>If there is no acknowledgement, the metadata may or may not be stored. It is
 * published again under the same condition until there is an answer: stored now, or
 * {@code wrong last sequence}, upon which the leader's metadata shows whose the object
 * is. Until that is known the chunks stay, for metadata without chunks is worse than
 * chunks without metadata.</li>
 * </ol>
 * An object of one chunk takes one round trip where the {@link Passage} is
 * {@link ChainedPut chained} or {@link AtomicPut atomic}. Thread-safe.
 */
final class ObjectPut {

	private static final Logger logger = LoggerFactory.getLogger(ObjectPut.class);

	/** Size of a chunk unless set otherwise. */
	static final int DEFAULT_CHUNK = 128 * 1024;

	private static final int LARGE_CHUNK = 512 * 1024;

	private static final int LARGE_FILE = 64 * 1024 * 1024;

	private static final long FIRST_PAUSE_MILLIS = 20;

	private static final long LONGEST_PAUSE_MILLIS = 500;

	private final JetStreamApi api;

	private final Bucket bucket;

	private final LeaderReads leader;

	private final BucketIndex index;

	private final BucketWatch watch;

	/** The last sequence under which metadata of ours was stored. */
	private final AtomicLong sequence = new AtomicLong();

	private final AtomicLong backwards = new AtomicLong();

	ObjectPut(JetStreamApi api, Bucket bucket, LeaderReads leader, BucketIndex index, BucketWatch watch) {
		this.watch = watch;
		this.api = api;
		this.bucket = bucket;
		this.leader = leader;
		this.index = index;
	}

	/** Headers of metadata that is to be stored once. */
	static Headers once() {
		return new Headers().put("Nats-Rollup", "sub").put("Nats-Expected-Last-Subject-Sequence", "0");
	}

	/**
	 * Creates an object. The content is read to the end and not closed. Throws
	 * {@link LtxConflictException} if the name exists with other content.
	 */
	ObjectMeta put(String name, Instant timestamp, InputStream content) throws IOException {
		return put(name, timestamp, content, this.watch.passage());
	}

	private ObjectMeta put(String name, Instant timestamp, InputStream content, Passage passage) throws IOException {
		String nuid = NUID.nextGlobal();
		this.index.orphans().putStarted(nuid);
		try {
			return put(name, nuid, timestamp, content, passage);
		}
		finally {
			this.index.orphans().putEnded(nuid);
		}
	}

	private ObjectMeta put(String name, String nuid, Instant timestamp, InputStream content, Passage passage)
			throws IOException {
		int chunkSize = chunkSize(content);
		ChunkUpload upload = new ChunkUpload(this.api, this.bucket.chunks(nuid), chunkSize, this.index);
		byte[] chunk = (passage != Passage.APART) ? upload.single(content) : null;
		if (chunk != null) {
			ObjectMeta meta = meta(name, timestamp, chunkSize, nuid, upload);
			if (passage == Passage.CHAINED) {
				chained(chunk, meta);
				return meta;
			}
			// The other way finds out why it is refused, or what became of it.
			return atomic(chunk, meta) ? meta : put(name, timestamp, new ByteArrayInputStream(chunk), Passage.APART);
		}
		try {
			upload.send(content);
		}
		catch (IOException | RuntimeException ex) {
			if (!(ex instanceof ReplicaUnavailableException || ex instanceof InterruptedIOException)) {
				upload.settle();
			}
			purgeChunks(nuid);
			throw ex;
		}
		ObjectMeta meta = meta(name, timestamp, chunkSize, nuid, upload);
		publish(meta, false);
		return meta;
	}

	private ObjectMeta meta(String name, Instant timestamp, int chunkSize, String nuid, ChunkUpload upload) {
		return new ObjectMeta(name, ObjectMeta.headers(timestamp), chunkSize, this.bucket.name(), nuid, upload.size(),
				upload.chunks(), ObjectMeta.digest(upload.digest()), false);
	}

	private boolean atomic(byte[] chunk, ObjectMeta meta) throws IOException {
		long sequence = new AtomicPut(this.api, this.bucket.chunks(meta.nuid()), meta.nuid(), this.index).send(chunk,
				this.bucket.meta(meta.name()), meta.toJson());
		if (sequence > 0) {
			stored(sequence, meta);
		}
		return sequence > 0;
	}

	private void chained(byte[] chunk, ObjectMeta meta) throws IOException {
		ChainedPut put = new ChainedPut(this.api, this.bucket.chunks(meta.nuid()), meta.nuid(), this.index);
		ChainedPut.Outcome outcome;
		try {
			outcome = put.send(chunk, this.bucket.meta(meta.name()), meta.toJson());
		}
		catch (ChainedPut.NothingStoredException ex) {
			purgeChunks(meta.nuid());
			throw ex.reason();
		}
		if (outcome.sequence() > 0) {
			stored(outcome.sequence(), meta);
		}
		else {
			publish(meta, outcome.unknown());
		}
	}

	private int chunkSize(InputStream content) throws IOException {
		int size = this.api.options().chunkSize();
		if (size == 0) {
			size = (content.available() > LARGE_FILE) ? LARGE_CHUNK : DEFAULT_CHUNK;
		}
		long largest = Math.min(this.watch.largestMessage(), this.api.link().connection().getMaxPayload());
		return (largest > 0) ? (int) Math.min(size, largest) : size;
	}

	/**
	 * Publishes metadata whose chunks are stored, until it is known what became of it.
	 */
	private void publish(ObjectMeta meta, boolean mayBeStored) throws IOException {
		String subject = this.bucket.meta(meta.name());
		byte[] json = meta.toJson();
		Headers headers = once();
		long deadline = System.nanoTime() + 2 * this.api.options().requestTimeout().toNanos();
		long pause = FIRST_PAUSE_MILLIS;
		boolean unknown = mayBeStored;
		while (true) {
			try {
				long sequence = this.api.publish(subject, headers, json);
				stored(sequence, meta);
				return;
			}
			catch (JetStreamErrorException ex) {
				if (ex.code() == JetStreamErrorException.WRONG_LAST_SEQUENCE) {
					if (isOurs(meta)) {
						return;
					}
				}
				else if (ex.code() != JetStreamErrorException.SEQUENCE_NOT_YET_KNOWN) {
					throw refused(meta, ex, unknown);
				}
			}
			catch (NoRespondersException ex) {
				throw refused(meta, ex, unknown);
			}
			catch (ReplicaUnavailableException ex) {
				unknown = true;
				if (System.nanoTime() - deadline > 0) {
					throw new ReplicaUnavailableException("Whether '" + meta.name() + "' was stored at "
							+ this.api.options().location() + " is unknown: " + ex.getMessage(), ex);
				}
			}
			if (System.nanoTime() - deadline > 0) {
				throw new ReplicaUnavailableException("'" + meta.name() + "' could not be stored at "
						+ this.api.options().location() + " in time: others changed it again and again");
			}
			pause(pause);
			pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
		}
	}

	private void stored(long sequence, ObjectMeta meta) {
		// puts side by side may end in another order, which costs a look at the bucket
		if (this.sequence.getAndSet(sequence) > sequence) {
			this.backwards.incrementAndGet();
		}
		this.index.stored(sequence, meta);
	}

	/** How often sequences went backwards: the bucket is another one since. */
	long backwards() {
		return this.backwards.get();
	}

	private <T extends IOException> T refused(ObjectMeta meta, T refusal, boolean unknown) {
		if (!unknown) {
			// no attempt can be stored later, so the chunks are of no use
			purgeChunks(meta.nuid());
		}
		return refusal;
	}

	/**
	 * Finds out about the metadata that kept ours from being stored: true if the object
	 * exists with our content, false if it is worth another attempt. Throws
	 * {@link LtxConflictException} if it exists with other content.
	 */
	private boolean isOurs(ObjectMeta meta) throws IOException {
		LeaderReads.Stored stored = this.leader.meta(meta.name());
		if (stored == null) {
			return false;
		}
		ObjectMeta other = stored.meta();
		if (other.nuid().equals(meta.nuid())) {
			return true;
		}
		if (other.deleted()) {
			purgeMeta(stored);
			return false;
		}
		if (this.leader.chunks(other.nuid()) != other.chunks()) {
			// A phantom: nobody can read it. Metadata follows its chunks, so no put under
			// way looks like this.
			logger.warn("Replacing '{}' at {}, whose chunks are missing", meta.name(), this.api.options().location());
			purgeMeta(stored);
			return false;
		}
		if (!other.sameContent(meta)) {
			purgeChunks(meta.nuid());
			throw new LtxConflictException("'" + meta.name() + "' already exists at " + this.api.options().location()
					+ " with other content: another writer replicates there. Stop it, or give this database a "
					+ "litestream.dbs[].replica.path of its own");
		}
		purgeChunks(meta.nuid());
		return true;
	}

	private void purgeMeta(LeaderReads.Stored stored) throws IOException {
		// not beyond what was read: another writer may have come in between
		this.api.request(this.bucket.api("STREAM.PURGE"), "{\"filter\":"
				+ Json.quote(this.bucket.meta(stored.meta().name())) + ",\"seq\":" + (stored.sequence() + 1) + "}");
	}

	/**
	 * Purges our chunks as far as one can: the request is sent and its outcome left open.
	 */
	private void purgeChunks(String nuid) {
		boolean interrupted = Thread.interrupted();
		try {
			this.api.send(this.bucket.api("STREAM.PURGE"), null,
					("{\"filter\":" + Json.quote(this.bucket.chunks(nuid)) + "}").getBytes(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			// they stay behind without metadata, which costs space and nothing else
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void pause(long millis) throws InterruptedIOException {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("Interrupted while writing to " + this.api.options().location());
		}
	}

}
