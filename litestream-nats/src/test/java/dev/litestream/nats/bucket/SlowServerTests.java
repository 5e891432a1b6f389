package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server that answers, but so slowly that an object takes longer than
 * {@code request-timeout}: each request has its own limit, a file has none.
 */
class SlowServerTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(3);

	private static final int BYTES = 5 << 20;

	/** The object takes five seconds each way. */
	private static final int BYTES_PER_SECOND = 1 << 20;

	@Test
	@Hazard("N10")
	void aFileMayTakeLongerThanARequest() throws Exception {
		try (NatsServer server = NatsServer.start();
				RawBucket raw = new RawBucket(server.url(), "slow").create();
				FaultyProxy proxy = new FaultyProxy(server.port());
				NatsReplicaClient client = new NatsReplicaClient(
						NatsReplicaUrl.parse(proxy.url("slow")).toOptions().requestTimeout(TIMEOUT).build())) {
			client.open();
			proxy.limit(BYTES_PER_SECOND);
			byte[] content = new byte[BYTES];
			new Random(5).nextBytes(content);
			long start = System.nanoTime();
			LtxFileInfo written = client.write(0, Txid.FIRST, Txid.FIRST, Instant.parse("2026-11-21T00:16:32.2Z"),
					new ByteArrayInputStream(content));
			assertThat(Duration.ofNanos(System.nanoTime() - start)).as("slow enough").isGreaterThan(TIMEOUT);
			assertThat(client.list(0).files()).containsExactly(written);
			start = System.nanoTime();
			try (InputStream in = client.read(written)) {
				assertThat(in.readAllBytes()).isEqualTo(content);
			}
			assertThat(Duration.ofNanos(System.nanoTime() - start)).as("slow enough").isGreaterThan(TIMEOUT);
			assertThat(raw.state().getSubjects()).as("one object, once").hasSize(2);
		}
	}

}
