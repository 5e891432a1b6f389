package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import io.nats.client.Message;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StreamConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Servers and buckets that allow consumers less than others do: a new process lists and
 * reads what they hold all the same.
 */
@Timeout(120)
class ServerLimitsTests {

	private static final Instant TIMESTAMP = Instant.parse("2026-11-21T00:16:32.2Z");

	/** More than a pull of such a server may bring, in files and in chunks. */
	private static final int MANY = 25;

	@Test
	void pullsAreNoLargerThanTheServerAllows() throws Exception {
		try (NatsServer server = NatsServer.builder().jetStream("limits { max_request_batch: 10 }").start();
				RawBucket raw = new RawBucket(server.url(), "bounded").create()) {
			assertEverythingIsReadByANewProcess(server.url("bounded"));
		}
	}

	/** It answers without a body, and not as if another stream had taken the message. */
	@Test
	@Hazard("S6")
	void aBucketWithTooMuchToDoIsTriedAgain() throws Exception {
		try (NatsServer server = NatsServer.builder().jetStream("max_buffered_msgs: 1").start();
				RawBucket raw = new RawBucket(server.url(), "busy").create();
				NatsReplicaClient client = client(server.url("busy"))) {
			client.open();
			AtomicBoolean ended = new AtomicBoolean();
			Thread others = new Thread(() -> {
				while (!ended.get()) {
					raw.connection.publish(raw.bucket.chunks("others"), new byte[1000]);
				}
			});
			others.start();
			try {
				await().atMost(Duration.ofSeconds(60)).until(() -> isRefusedForNow(client));
			}
			finally {
				ended.set(true);
				others.join();
			}
			raw.connection.flush(Duration.ofSeconds(30));
			LtxFileInfo file = new LtxFileInfo(1, Txid.FIRST, Txid.FIRST, 100, TIMESTAMP);
			// what the server has read by now is still to be stored
			await().atMost(Duration.ofSeconds(60))
				.ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
				.until(() -> write(client, 1).equals(file));
			assertThat(client.list(1).files()).containsExactly(file);
		}
	}

	private static boolean isRefusedForNow(NatsReplicaClient client) throws IOException {
		try {
			write(client, 0);
			return false;
		}
		catch (ReplicaUnavailableException ex) {
			return String.valueOf(ex.getMessage()).contains("Too Many Requests");
		}
	}

	private static LtxFileInfo write(NatsReplicaClient client, int level) throws IOException {
		return client.write(level, Txid.FIRST, Txid.FIRST, TIMESTAMP, new ByteArrayInputStream(new byte[100]));
	}

	@Test
	void consumersAreKeptNoLongerThanTheBucketAllows() throws Exception {
		try (NatsServer server = NatsServer.start(); RawBucket raw = new RawBucket(server.url(), "limited").create()) {
			String config = """
					{"name":"OBJ_limited","subjects":["$O.limited.C.>","$O.limited.M.>"],"storage":"file",\
					"num_replicas":1,"discard":"new","allow_direct":true,"allow_rollup_hdrs":true,\
					"consumer_limits":{"inactive_threshold":10000000000,"max_ack_pending":10}}""";
			Message answer = raw.connection.request("$JS.API.STREAM.UPDATE.OBJ_limited",
					config.getBytes(StandardCharsets.UTF_8), Duration.ofSeconds(5));
			assertThat(new String(answer.getData(), StandardCharsets.UTF_8)).contains("10000000000");
			assertEverythingIsReadByANewProcess(server.url("limited"));
		}
	}

	@Test
	void consumersThatOthersHaveTakenAreWaitedFor() throws Exception {
		try (NatsServer server = NatsServer.start(); RawBucket raw = new RawBucket(server.url(), "taken").create()) {
			raw.management
				.updateStream(StreamConfiguration.builder(raw.management.getStreamInfo("OBJ_taken").getConfiguration())
					.maxConsumers(1)
					.build());
			raw.management.addOrUpdateConsumer("OBJ_taken",
					ConsumerConfiguration.builder().name("others").inactiveThreshold(Duration.ofMinutes(1)).build());
			try (NatsReplicaClient reader = client(server.url("taken"))) {
				FutureTask<Boolean> listing = new FutureTask<>(() -> reader.list(0).isEmpty());
				Thread thread = new Thread(listing);
				thread.start();
				await().until(() -> Stream.of(thread.getStackTrace())
					.anyMatch((frame) -> frame.getMethodName().equals("sleep")) || listing.isDone());
				raw.management.deleteConsumer("OBJ_taken", "others");
				assertThat(listing.get()).isTrue();
			}
		}
	}

	private static void assertEverythingIsReadByANewProcess(String url) throws IOException {
		List<LtxFileInfo> files = new ArrayList<>();
		byte[] large = new byte[MANY * 128 * 1024];
		new Random(7).nextBytes(large);
		try (NatsReplicaClient writer = client(url)) {
			for (int i = 1; i <= MANY; i++) {
				byte[] content = (i < MANY) ? new byte[i] : large;
				files.add(writer.write(0, new Txid(i), new Txid(i), TIMESTAMP, new ByteArrayInputStream(content)));
			}
		}
		try (NatsReplicaClient reader = client(url)) {
			assertThat(reader.list(0).files()).isEqualTo(files);
			try (InputStream in = reader.read(files.get(MANY - 1))) {
				assertThat(in.readAllBytes()).isEqualTo(large);
			}
		}
	}

	private static NatsReplicaClient client(String url) {
		return new NatsReplicaClient(
				NatsReplicaUrl.parse(url).toOptions().requestTimeout(Duration.ofSeconds(5)).build());
	}

}
