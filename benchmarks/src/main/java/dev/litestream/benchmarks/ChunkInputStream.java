package dev.litestream.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PushSubscribeOptions;

/**
 * The content of an object, by an ordered consumer of its chunks. Not thread-safe.
 */
final class ChunkInputStream extends InputStream {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private final JetStreamSubscription subscription;

	private final String name;

	private long left;

	private byte[] chunk = new byte[0];

	private int position;

	private ChunkInputStream(JetStreamSubscription subscription, String name, long chunks) {
		this.subscription = subscription;
		this.name = name;
		this.left = chunks;
	}

	static ChunkInputStream open(Connection connection, String bucket, Arrival arrival) throws IOException {
		try {
			JetStreamSubscription subscription = connection.jetStream()
				.subscribe("$O." + bucket + ".C." + arrival.nuid(),
						PushSubscribeOptions.builder().ordered(true).build());
			subscription.setPendingLimits(-1, -1);
			return new ChunkInputStream(subscription, arrival.name(), arrival.chunks());
		}
		catch (JetStreamApiException ex) {
			throw new IOException("The object " + arrival.name() + " cannot be read", ex);
		}
	}

	@Override
	public int read() throws IOException {
		return fill() ? this.chunk[this.position++] & 0xFF : -1;
	}

	@Override
	public int read(byte[] bytes, int offset, int length) throws IOException {
		if (!fill()) {
			return -1;
		}
		int count = Math.min(length, this.chunk.length - this.position);
		System.arraycopy(this.chunk, this.position, bytes, offset, count);
		this.position += count;
		return count;
	}

	private boolean fill() throws IOException {
		while (this.position == this.chunk.length && this.left > 0) {
			try {
				Message message = this.subscription.nextMessage(TIMEOUT);
				if (message == null) {
					throw new ObjectGoneException(this.name);
				}
				this.chunk = message.getData();
				this.position = 0;
				this.left--;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new InterruptedIOException();
			}
		}
		return this.position < this.chunk.length;
	}

	@Override
	public void close() {
		if (this.subscription.isActive()) {
			this.subscription.unsubscribe();
		}
	}

}
