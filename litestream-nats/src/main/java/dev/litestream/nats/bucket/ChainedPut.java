package dev.litestream.nats.bucket;

import java.io.IOException;

import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.impl.Headers;

/**
 * Stores an object of one chunk with one round trip: chunk and metadata are sent
 * together, the metadata on the condition that the chunk was stored right before it. So
 * it is never stored without its chunk. What can happen:
 * <ol>
 * <li>The metadata is stored, and so is the chunk.</li>
 * <li>The chunk is stored and the metadata is not, or that is not known: another message
 * came in between, or the name exists. Then the metadata is published by itself.</li>
 * <li>The chunk is refused, and so is the metadata, whatever its answer.</li>
 * <li>Neither is answered, as when the connection is lost. Both may be stored: the chunk
 * must stay.</li>
 * </ol>
 *
 * @param api sends
 * @param subject of the chunk
 * @param id of the chunk
 * @param index hears of what is stored
 */
record ChainedPut(JetStreamApi api, String subject, String id, BucketIndex index) {

	/**
	 * Sends both and waits for both.
	 * @return the sequence of the metadata, or what is known of it
	 * @throws NothingStoredException if nothing is stored, nor will be
	 * @throws IOException if it is not known what is stored
	 */
	Outcome send(byte[] chunk, String metaSubject, byte[] json) throws IOException {
		JetStreamApi.Request first;
		JetStreamApi.Request second;
		// They arrive as they were sent; another thread's had better not come in between.
		synchronized (this.api.link()) {
			first = this.api.send(this.subject, new Headers().put("Nats-Msg-Id", this.id), chunk);
			try {
				second = this.api.send(metaSubject, ObjectPut.once().put("Nats-Expected-Last-Msg-Id", this.id), json);
			}
			catch (IOException ex) {
				throw new NothingStoredException(ex);
			}
		}
		ReplicaUnavailableException unanswered = null;
		try {
			this.index.stored(this.api.acknowledged(first), null);
		}
		catch (JetStreamErrorException | NoRespondersException ex) {
			throw new NothingStoredException(ex);
		}
		catch (ReplicaUnavailableException ex) {
			unanswered = ex;
		}
		try {
			return new Outcome(this.api.acknowledged(second), false);
		}
		catch (JetStreamErrorException | NoRespondersException ex) {
			if (unanswered != null) {
				throw new NothingStoredException(unanswered);
			}
			return new Outcome(0, false);
		}
		catch (ReplicaUnavailableException ex) {
			if (unanswered != null) {
				throw ex;
			}
			return new Outcome(0, true);
		}
	}

	/**
	 * What is known of the metadata, whose chunk is stored.
	 *
	 * @param sequence where it is stored, 0 if it is not, or not known to be
	 * @param unknown whether it may be stored
	 */
	record Outcome(long sequence, boolean unknown) {

	}

	/** Nothing is stored, nor will be: the chunk can be purged. */
	static final class NothingStoredException extends IOException {

		private static final long serialVersionUID = 1L;

		private final transient IOException reason;

		NothingStoredException(IOException reason) {
			super(reason);
			this.reason = reason;
		}

		IOException reason() {
			return this.reason;
		}

	}

}
