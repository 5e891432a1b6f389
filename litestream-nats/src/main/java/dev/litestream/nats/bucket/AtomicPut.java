package dev.litestream.nats.bucket;

import java.io.IOException;

import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.impl.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores an object of one chunk as one atomic batch (ADR-50): the server stores chunk and
 * metadata next to each other, or neither.
 *
 * @param api sends
 * @param subject of the chunk
 * @param id of the batch
 * @param index hears of what is stored
 */
record AtomicPut(JetStreamApi api, String subject, String id, BucketIndex index) {

	private static final Logger logger = LoggerFactory.getLogger(AtomicPut.class);

	/**
	 * Sends both and waits.
	 * @return the sequence of the metadata; 0 if neither is stored, or that is not known.
	 * Whatever is stored later is whole
	 * @throws IOException if the answer is strange
	 */
	long send(byte[] chunk, String metaSubject, byte[] json) throws IOException {
		JetStreamApi.Request commit;
		try {
			// A batch arrives as it was sent: another thread's message in between does
			// no harm, but each waits for the whole.
			synchronized (this.api.link()) {
				this.api.send(this.subject, headers(new Headers(), 1), chunk);
				commit = this.api.send(metaSubject, headers(ObjectPut.once(), 2).put("Nats-Batch-Commit", "1"), json);
			}
			long sequence = this.api.acknowledged(commit);
			this.index.stored(sequence - 1, null);
			return sequence;
		}
		catch (JetStreamErrorException | ReplicaUnavailableException ex) {
			logger.debug("{} did not take a batch; its messages are sent one after the other",
					this.api.options().location(), ex);
			return 0;
		}
	}

	private Headers headers(Headers headers, int sequence) {
		return headers.put("Nats-Batch-Id", this.id).put("Nats-Batch-Sequence", Integer.toString(sequence));
	}

}
