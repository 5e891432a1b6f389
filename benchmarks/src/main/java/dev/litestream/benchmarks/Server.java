package dev.litestream.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import dev.litestream.test.NatsCluster;
import dev.litestream.test.NatsServer;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One nats-server, or a cluster of three, with what it counts. Its store is deleted at
 * the end.
 */
final class Server implements AutoCloseable {

	/** The original opens a consumer for each file that it restores. */
	private static final long MAX_CONSUMERS = 100_000;

	private static final JsonMapper JSON = JsonMapper.shared();

	private final HttpClient http = HttpClient.newHttpClient();

	private final AutoCloseable owner;

	private final List<NatsServer> nodes;

	private final Set<Long> pids;

	private Server(AutoCloseable owner, List<NatsServer> nodes, Set<Long> before) {
		this.owner = owner;
		this.nodes = nodes;
		this.pids = running();
		this.pids.removeAll(before);
	}

	static Server start(boolean cluster) {
		Set<Long> before = running();
		if (cluster) {
			NatsCluster three = NatsCluster.start();
			return new Server(three, three.servers(), before);
		}
		NatsServer one = NatsServer.builder().monitor().start();
		return new Server(one, List.of(one), before);
	}

	/** The nats-servers that this JVM has started. */
	private static Set<Long> running() {
		return ProcessHandle.current()
			.children()
			.filter((child) -> child.info()
				.command()
				.map((command) -> Path.of(command).endsWith("nats-server"))
				.orElse(false))
			.map(ProcessHandle::pid)
			.collect(Collectors.toSet());
	}

	Set<Long> pids() {
		return this.pids;
	}

	int replicas() {
		return this.nodes.size();
	}

	String url() {
		return this.nodes.get(0).url();
	}

	String url(String bucket) {
		return this.nodes.get(0).url(bucket);
	}

	Connection connect() throws IOException, InterruptedException {
		// without the listener that logs each flow control message
		return Nats.connect(Options.builder().server(url()).errorListener(new ErrorListener() {
		}).build());
	}

	/** Creates a bucket as {@code nats object add} does. */
	void createBucket(Connection connection, String bucket) throws IOException, JetStreamApiException {
		connection.objectStoreManagement()
			.create(ObjectStoreConfiguration.builder(bucket)
				.storageType(StorageType.File)
				.replicas(replicas())
				.build());
		JetStreamManagement streams = connection.jetStreamManagement();
		streams.updateStream(StreamConfiguration.builder(streams.getStreamInfo("OBJ_" + bucket).getConfiguration())
			.maxConsumers(MAX_CONSUMERS)
			.build());
	}

	/** What clients have sent and got so far. */
	Traffic traffic() throws IOException, InterruptedException {
		Traffic sum = new Traffic(0, 0, 0, 0);
		for (NatsServer node : this.nodes) {
			HttpRequest request = HttpRequest.newBuilder(URI.create(node.monitorUrl() + "/varz")).build();
			JsonNode varz = JSON.readTree(this.http.send(request, BodyHandlers.ofString()).body());
			sum = sum.plus(new Traffic(varz.get("in_msgs").asLong(), varz.get("in_bytes").asLong(),
					varz.get("out_bytes").asLong(), varz.get("connections").asLong()));
		}
		return sum;
	}

	@Override
	public void close() throws Exception {
		this.owner.close();
	}

	/**
	 * A server's counters.
	 *
	 * @param messages messages from clients
	 * @param bytesIn bytes from clients
	 * @param bytesOut bytes to clients
	 * @param connections clients now
	 */
	record Traffic(long messages, long bytesIn, long bytesOut, long connections) {

		Traffic plus(Traffic other) {
			return new Traffic(this.messages + other.messages, this.bytesIn + other.bytesIn,
					this.bytesOut + other.bytesOut, this.connections + other.connections);
		}

		/** What was sent since an earlier look; the connections are those of now. */
		Traffic since(Traffic earlier) {
			return new Traffic(this.messages - earlier.messages, this.bytesIn - earlier.bytesIn,
					this.bytesOut - earlier.bytesOut, this.connections);
		}

	}

}
