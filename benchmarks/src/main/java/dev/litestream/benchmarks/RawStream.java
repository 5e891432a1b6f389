package dev.litestream.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamSubscription;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfoOptions;

/**
 * What the server and the client library do with plain messages: the limit of whoever
 * replicates to it. Not thread-safe.
 */
final class RawStream implements AutoCloseable {

	private static final String SUBJECT = "raw.message";

	/** Sent before anything is measured, for the client library to be compiled. */
	private static final int FIRST_MESSAGES = 500;

	private static final int CHUNK = 128 * 1024;

	private static final int IN_FLIGHT = 32;

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final Connection connection;

	private RawStream(Connection connection) {
		this.connection = connection;
	}

	static RawStream create(Server server) throws IOException, InterruptedException, JetStreamApiException {
		Connection connection = server.connect();
		connection.jetStreamManagement()
			.addStream(StreamConfiguration.builder()
				.name("RAW")
				.subjects(SUBJECT)
				.storageType(StorageType.File)
				.replicas(server.replicas())
				.build());
		byte[] message = new byte[1024];
		for (int i = 0; i < FIRST_MESSAGES; i++) {
			connection.jetStream().publish(SUBJECT, message);
		}
		return new RawStream(connection);
	}

	/**
	 * Publishes messages of a kilobyte at a steady rate.
	 * @return the milliseconds until each was acknowledged
	 */
	List<Double> acknowledged(int count, int perSecond) throws IOException, JetStreamApiException {
		SplittableRandom random = new SplittableRandom(1);
		byte[] message = new byte[1024];
		List<Double> millis = new ArrayList<>();
		double next = System.nanoTime();
		for (int i = 0; i < count; i++) {
			next += 1e9 / perSecond * (0.5 + random.nextDouble());
			LockSupport.parkNanos(Math.max(0, (long) (next - System.nanoTime())));
			long begun = System.nanoTime();
			this.connection.jetStream().publish(SUBJECT, message);
			millis.add((System.nanoTime() - begun) / 1e6);
		}
		return millis;
	}

	/**
	 * Publishes chunks with some of them in flight.
	 * @return the seconds until all were acknowledged
	 */
	double publish(long bytes) throws Exception {
		byte[] chunk = new byte[CHUNK];
		new SplittableRandom(1).nextBytes(chunk);
		Deque<CompletableFuture<PublishAck>> sent = new ArrayDeque<>();
		long begun = System.nanoTime();
		for (long left = bytes; left > 0; left -= CHUNK) {
			if (sent.size() == IN_FLIGHT) {
				sent.remove().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
			}
			sent.add(this.connection.jetStream().publishAsync(SUBJECT, chunk));
		}
		for (CompletableFuture<PublishAck> ack : sent) {
			ack.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
		}
		return (System.nanoTime() - begun) / 1e9;
	}

	/**
	 * Reads all that a subject holds, by an ordered consumer.
	 * @return the seconds that it took
	 */
	static double read(Connection connection, String stream, String subject) throws Exception {
		long left = connection.jetStreamManagement()
			.getStreamInfo(stream, StreamInfoOptions.filterSubjects(subject))
			.getStreamState()
			.getSubjectMap()
			.values()
			.stream()
			.mapToLong(Long::longValue)
			.sum();
		long begun = System.nanoTime();
		JetStreamSubscription subscription = connection.jetStream()
			.subscribe(subject, PushSubscribeOptions.builder().ordered(true).build());
		subscription.setPendingLimits(-1, -1);
		for (; left > 0; left--) {
			if (subscription.nextMessage(TIMEOUT) == null) {
				throw new IOException("No message for " + TIMEOUT);
			}
		}
		subscription.unsubscribe();
		return (System.nanoTime() - begun) / 1e9;
	}

	@Override
	public void close() throws InterruptedException {
		this.connection.close();
	}

}
