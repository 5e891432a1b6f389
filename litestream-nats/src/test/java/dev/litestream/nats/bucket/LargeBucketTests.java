package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.litestream.Txid;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.test.NatsServer;
import io.nats.client.api.PublishAck;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A bucket with far more objects than are read at once.
 */
class LargeBucketTests {

	private static final int GONE = 60_000;

	/**
	 * The server ends a pull that had all its messages with the same status as one whose
	 * bytes have come, before or after its last message.
	 */
	@Test
	void tensOfThousandsOfTombstonesDoNotKeepALiveObjectFromBeingListed() throws Exception {
		try (NatsServer server = NatsServer.start();
				RawBucket raw = new RawBucket(server.url(), "large").create();
				NatsReplicaClient writer = client(server.url("large"))) {
			Deque<CompletableFuture<PublishAck>> sent = new ArrayDeque<>();
			ObjectNames names = new ObjectNames(null);
			for (int i = 1; i <= GONE; i++) {
				String name = names.of(0, new Txid(i), new Txid(i));
				byte[] tombstone = ("{\"name\":\"" + name + "\",\"bucket\":\"large\",\"nuid\":\"g" + i
						+ "\",\"size\":0,\"chunks\":0,\"deleted\":true,\"options\":{}}")
					.getBytes(StandardCharsets.UTF_8);
				if (sent.size() > 1000) {
					sent.remove().get(30, TimeUnit.SECONDS);
				}
				sent.add(raw.connection.jetStream().publishAsync(raw.bucket.meta(name), tombstone));
			}
			while (!sent.isEmpty()) {
				sent.remove().get(30, TimeUnit.SECONDS);
			}
			writer.open();
			writer.write(0, new Txid(GONE + 1), new Txid(GONE + 1), Instant.parse("2026-11-21T00:16:32.2Z"),
					new ByteArrayInputStream(new byte[300]));
			for (int i = 0; i < 3; i++) {
				try (NatsReplicaClient reader = client(server.url("large"))) {
					reader.open();
					assertThat(reader.list(0).files()).hasSize(1);
				}
			}
		}
	}

	private static NatsReplicaClient client(String url) {
		return new NatsReplicaClient(
				NatsReplicaUrl.parse(url).toOptions().requestTimeout(Duration.ofSeconds(30)).build());
	}

}
