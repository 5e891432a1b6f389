package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * Sends the chunks of one object. A single chunk is one request; more are sent ahead of
 * their acknowledgements, up to a number of bytes. The order of chunks is that of their
 * stream sequences, so each acknowledgement must carry a larger one than the last.
 */
final class ChunkUpload {

	private static final int FIRST_READ = 8 * 1024;

	private final JetStreamApi api;

	private final String subject;

	private final int chunkSize;

	private final BucketIndex index;

	private final Deque<Sent> sent = new ArrayDeque<>();

	private final MessageDigest digest = sha256();

	/** A chunk that was read and not sent yet. */
	private byte @Nullable [] first;

	private long inFlight;

	private long lastSequence;

	private long size;

	private long chunks;

	ChunkUpload(JetStreamApi api, String subject, int chunkSize, BucketIndex index) {
		this.api = api;
		this.subject = subject;
		this.chunkSize = chunkSize;
		this.index = index;
	}

	static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

	/**
	 * Takes the content if it is a single chunk, which the caller sends; if not, returns
	 * {@code null}, and {@link #send} goes on with it.
	 */
	byte @Nullable [] single(InputStream content) throws IOException {
		byte[] chunk = read(content, Math.max(FIRST_READ, content.available() + 1));
		if (chunk == null || chunk.length == this.chunkSize) {
			this.first = chunk;
			return null;
		}
		count(chunk);
		return chunk;
	}

	/** Sends all content and waits for all acknowledgements. */
	void send(InputStream content) throws IOException {
		byte[] chunk = (this.first != null) ? this.first : read(content, Math.max(FIRST_READ, content.available() + 1));
		while (chunk != null) {
			byte[] next = (chunk.length < this.chunkSize) ? null : read(content, this.chunkSize);
			if (next == null && this.chunks == 0) {
				count(chunk);
				acknowledge(this.api.publish(this.subject, null, chunk));
				return;
			}
			makeRoom(chunk.length);
			this.sent.add(new Sent(this.api.send(this.subject, null, chunk), chunk.length));
			this.inFlight += chunk.length;
			// while the chunk is on its way
			count(chunk);
			chunk = next;
		}
		while (!this.sent.isEmpty()) {
			awaitFirst();
		}
	}

	/**
	 * Waits, after a failure, until no chunk is on its way any more, as far as one can.
	 */
	void settle() {
		try {
			while (!this.sent.isEmpty()) {
				this.api.await(this.sent.remove().request);
			}
		}
		catch (IOException ex) {
			// the failure already under way is the one to report
			this.sent.clear();
		}
	}

	private byte @Nullable [] read(InputStream content, int expected) throws IOException {
		byte[] chunk = new byte[Math.min(expected, this.chunkSize)];
		int length = fill(content, chunk, 0);
		if (length == chunk.length && length < this.chunkSize) {
			chunk = Arrays.copyOf(chunk, this.chunkSize);
			length = fill(content, chunk, length);
		}
		if (length == 0) {
			return null;
		}
		return (length < chunk.length) ? Arrays.copyOf(chunk, length) : chunk;
	}

	private static int fill(InputStream content, byte[] chunk, int from) throws IOException {
		// not readNBytes: streams that override it may stop short of the end
		int length = from;
		while (length < chunk.length) {
			int count = content.read(chunk, length, chunk.length - length);
			if (count < 0) {
				break;
			}
			length += count;
		}
		return length;
	}

	private void count(byte[] chunk) {
		this.digest.update(chunk);
		this.size += chunk.length;
		this.chunks++;
	}

	private void makeRoom(int length) throws IOException {
		while (!this.sent.isEmpty() && this.inFlight + length > this.api.options().maxInFlight()) {
			awaitFirst();
		}
	}

	private void awaitFirst() throws IOException {
		Sent first = this.sent.remove();
		acknowledge(this.api.acknowledged(first.request));
		this.inFlight -= first.length;
	}

	private void acknowledge(long sequence) throws IOException {
		if (sequence <= this.lastSequence) {
			throw new IOException("The NATS server stored chunks on " + this.subject + " out of order");
		}
		this.lastSequence = sequence;
		this.index.stored(sequence, null);
	}

	long size() {
		return this.size;
	}

	long chunks() {
		return this.chunks;
	}

	byte[] digest() {
		return this.digest.digest();
	}

	private record Sent(JetStreamApi.Request request, int length) {

	}

}
