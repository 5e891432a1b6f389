package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Message;
import org.jspecify.annotations.Nullable;

/**
 * The content of an object, chunk by chunk as the server stores them. The last chunk is
 * handed out only if number, size and digest of all are right. Goes on after the last
 * chunk received when its consumer is lost. A stream that starts at a later chunk expects
 * chunks of equal size. For one thread.
 */
final class ChunkStream extends InputStream {

	private static final int NANOS_PER_RETRY = 100_000_000;

	private final JetStreamApi api;

	private final Bucket bucket;

	private final LeaderReads leader;

	private final ObjectMeta meta;

	private final boolean whole;

	private final boolean verified;

	private final MessageDigest digest = ChunkUpload.sha256();

	private @Nullable PullConsumer consumer;

	private byte[] chunk = new byte[0];

	private int position;

	private long chunks;

	private long size;

	private long lastSequence;

	private boolean closed;

	/**
	 * Starts at the first chunk. If not {@code verified}, number and size alone count,
	 * and not the digest.
	 */
	ChunkStream(JetStreamApi api, Bucket bucket, LeaderReads leader, ObjectMeta meta, boolean verified)
			throws IOException {
		this(api, bucket, leader, meta, verified, 0, 1);
	}

	/**
	 * Starts at a chunk: {@code firstSequence} is after the chunk before it, and not
	 * after this one.
	 */
	ChunkStream(JetStreamApi api, Bucket bucket, LeaderReads leader, ObjectMeta meta, long firstChunk,
			long firstSequence) throws IOException {
		this(api, bucket, leader, meta, false, firstChunk, firstSequence);
	}

	private ChunkStream(JetStreamApi api, Bucket bucket, LeaderReads leader, ObjectMeta meta, boolean verified,
			long firstChunk, long firstSequence) throws IOException {
		this.api = api;
		this.bucket = bucket;
		this.leader = leader;
		this.meta = meta;
		this.whole = firstChunk == 0;
		this.verified = verified;
		this.chunks = firstChunk;
		this.lastSequence = firstSequence - 1;
		if (meta.chunks() == 0) {
			verify();
			return;
		}
		try {
			this.consumer = open();
		}
		catch (ConsumerLostException ex) {
			// a follower that lags behind: the first read looks again, for a bounded time
		}
	}

	private PullConsumer open() throws IOException {
		String from = (this.lastSequence == 0) ? PullConsumer.ALL : PullConsumer.from(this.lastSequence + 1);
		PullConsumer opened = new PullConsumer(this.api, this.bucket, this.bucket.chunks(this.meta.nuid()), from, true);
		boolean complete = false;
		try {
			requireAll(opened);
			complete = true;
			return opened;
		}
		finally {
			if (!complete) {
				opened.close();
			}
		}
	}

	/** Tells a follower that lags from an object without all its chunks. */
	private void requireAll(PullConsumer opened) throws IOException {
		if (opened.pending() < this.meta.chunks() - this.chunks) {
			long stored = this.leader.chunks(this.meta.nuid());
			if (stored < this.meta.chunks()) {
				throw damaged("has " + stored + " of its " + this.meta.chunks() + " chunks");
			}
			throw new ConsumerLostException("The NATS server does not serve all of '" + this.meta.name() + "' yet");
		}
	}

	private CorruptLtxException damaged(String how) {
		return new CorruptLtxException(
				"'" + this.meta.name() + "' at " + this.api.options().location() + " is damaged: it " + how);
	}

	@Override
	public int read() throws IOException {
		return fill() ? this.chunk[this.position++] & 0xff : -1;
	}

	@Override
	public int read(byte[] target, int offset, int length) throws IOException {
		Objects.checkFromIndexSize(offset, length, target.length);
		if (length == 0) {
			return 0;
		}
		if (!fill()) {
			return -1;
		}
		int count = Math.min(length, this.chunk.length - this.position);
		System.arraycopy(this.chunk, this.position, target, offset, count);
		this.position += count;
		return count;
	}

	@Override
	public int available() {
		return this.chunk.length - this.position;
	}

	private boolean fill() throws IOException {
		if (this.closed) {
			throw new IOException("The stream of '" + this.meta.name() + "' is closed");
		}
		while (this.position == this.chunk.length) {
			if (this.chunks == this.meta.chunks()) {
				return false;
			}
			this.chunk = nextChunk();
			this.position = 0;
		}
		return true;
	}

	private byte[] nextChunk() throws IOException {
		Message message = nextMessage();
		byte[] data = message.getData();
		this.lastSequence = message.metaData().streamSequence();
		this.size += data.length;
		this.chunks++;
		if (this.size > this.meta.size()) {
			throw damaged("holds more than the " + this.meta.size() + " bytes that its metadata says");
		}
		if (this.verified) {
			this.digest.update(data);
		}
		if (!this.whole) {
			verifySize(data.length);
		}
		if (this.chunks == this.meta.chunks()) {
			if (this.whole) {
				verify();
			}
			closeConsumer();
		}
		return data;
	}

	private void verify() throws IOException {
		if (this.size != this.meta.size()) {
			throw damaged("holds " + this.size + " bytes where its metadata says " + this.meta.size());
		}
		if (this.verified && !this.meta.digest().isEmpty()
				&& !this.meta.digest().equals(ObjectMeta.digest(this.digest.digest()))) {
			throw damaged("does not match its SHA-256 digest");
		}
	}

	private void verifySize(int length) throws IOException {
		long before = (this.chunks - 1) * this.meta.maxChunkSize();
		if (length != Math.min(this.meta.maxChunkSize(), this.meta.size() - before)) {
			throw damaged("has chunks of other sizes than its metadata says");
		}
	}

	private Message nextMessage() throws IOException {
		// a reconnect takes a moment; a server that stays away ends the read
		long deadline = System.nanoTime() + 3 * this.api.options().requestTimeout().toNanos();
		while (true) {
			try {
				if (this.consumer == null) {
					this.consumer = open();
				}
				Message message = this.consumer.next();
				if (message != null) {
					return message;
				}
				closeConsumer();
			}
			catch (ReplicaUnavailableException ex) {
				closeConsumer();
				if (System.nanoTime() - deadline > 0) {
					throw ex;
				}
			}
			if (System.nanoTime() - deadline > 0) {
				throw new ReplicaUnavailableException("'" + this.meta.name() + "' could not be read from "
						+ this.api.options().location() + " in time");
			}
			pause();
		}
	}

	private void pause() throws IOException {
		try {
			TimeUnit.NANOSECONDS.sleep(NANOS_PER_RETRY);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("Interrupted while reading '" + this.meta.name() + "'");
		}
	}

	private void closeConsumer() {
		if (this.consumer != null) {
			this.consumer.close();
			this.consumer = null;
		}
	}

	@Override
	public void close() {
		this.closed = true;
		closeConsumer();
		this.chunk = new byte[0];
		this.position = 0;
	}

}
