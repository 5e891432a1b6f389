package dev.litestream.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.ObjectInfo;

/**
 * Sees objects arrive in a bucket as any other client would: by an ephemeral consumer of
 * the names, which delivers a message once it is stored. Thread-safe.
 */
final class BucketObserver implements AutoCloseable {

	private final Connection connection;

	private final String bucket;

	private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();

	BucketObserver(Connection connection, String bucket) throws IOException, JetStreamApiException {
		this.connection = connection;
		this.bucket = bucket;
		PushSubscribeOptions options = PushSubscribeOptions.builder()
			.ordered(true)
			.configuration(ConsumerConfiguration.builder().deliverPolicy(DeliverPolicy.New).build())
			.build();
		connection.jetStream()
			.subscribe("$O." + bucket + ".M.>", connection.createDispatcher(), this::arrived, false, options);
	}

	private void arrived(Message message) {
		long now = WallClock.micros();
		ObjectInfo object = new ObjectInfo(message);
		if (!object.isDeleted()) {
			this.arrivals.add(new Arrival(now, object.getObjectName(), String.valueOf(object.getNuid()),
					object.getChunks(), object.getSize()));
		}
	}

	/** All objects so far, in the order of their arrival. */
	List<Arrival> arrivals() {
		return new ArrayList<>(this.arrivals);
	}

	/** The largest mark in an object; 0 if it has none or is gone. */
	long largestMark(Arrival arrival) throws IOException {
		try (ChunkInputStream content = ChunkInputStream.open(this.connection, this.bucket, arrival)) {
			return Marks.largest(content, arrival.name());
		}
		catch (ObjectGoneException ex) {
			return 0;
		}
	}

	@Override
	public void close() throws InterruptedException {
		this.connection.close();
	}

}
