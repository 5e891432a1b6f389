package dev.litestream.nats.bucket;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.nats.client.Connection;
import io.nats.client.Nats;

import static org.awaitility.Awaitility.await;

/**
 * Listens to what all clients of a server ask JetStream about one bucket.
 */
final class ApiRequests implements AutoCloseable {

	private final Connection connection;

	private final Queue<String> subjects = new ConcurrentLinkedQueue<>();

	private final String bucket;

	private int marks;

	ApiRequests(String url, String bucket) throws Exception {
		this.bucket = bucket;
		this.connection = Nats.connect(url);
		this.connection.createDispatcher((message) -> {
			if (message.getSubject().contains(".OBJ_" + bucket)) {
				this.subjects.add(message.getSubject().substring("$JS.API.".length()));
			}
		}).subscribe("$JS.API.>");
		this.connection.flush(Duration.ofSeconds(5));
	}

	/**
	 * The verbs of the requests since the last call, such as {@code STREAM.INFO}.
	 */
	List<String> take() throws Exception {
		// a mark of our own arrives after all that the server has answered before
		String mark = "MARK.OBJ_" + this.bucket + "." + (++this.marks);
		this.connection.publish("$JS.API." + mark, null);
		await().until(() -> this.subjects.contains(mark));
		List<String> verbs = this.subjects.stream()
			.filter((subject) -> !subject.startsWith("MARK."))
			.map((subject) -> subject.substring(0, subject.indexOf(".OBJ_")))
			.toList();
		this.subjects.clear();
		return verbs;
	}

	@Override
	public void close() throws InterruptedException {
		this.connection.close();
	}

}
