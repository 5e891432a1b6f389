package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import dev.litestream.Durability;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaFinding;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.WatchfulClient;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import io.nats.client.api.StreamConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What is noticed about a bucket on a real server: at the start, after a reconnection and
 * while there is traffic.
 */
@Timeout(60)
class BucketWatchTests {

	private static final String BUCKET = "watched";

	private static final Duration NEVER = Duration.ofDays(1);

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private NatsServer server = NatsServer.start();

	private int txid;

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		this.server.close();
	}

	private NatsReplicaClient client(Duration interval) {
		return client(interval, NatsBucketOptions.DEFAULTS.creating());
	}

	private NatsReplicaClient client(Duration interval, NatsBucketOptions bucket) {
		NatsReplicaClient client = WatchfulClient.create(NatsReplicaUrl.parse(this.server.url(BUCKET))
			.toOptions()
			.reconnectWait(Duration.ofMillis(100))
			.bucketOptions(bucket)
			.build(), interval);
		this.closeables.add(client);
		return client;
	}

	private RawBucket raw() throws Exception {
		RawBucket raw = new RawBucket(this.server.url(), BUCKET);
		this.closeables.add(raw);
		return raw;
	}

	/** Changes the bucket by another client. */
	private void change(java.util.function.Consumer<StreamConfiguration.Builder> change) throws Exception {
		RawBucket raw = raw();
		StreamConfiguration.Builder builder = StreamConfiguration
			.builder(raw.management.getStreamInfo(raw.bucket.stream()).getConfiguration());
		change.accept(builder);
		raw.management.updateStream(builder.build());
	}

	private LtxFileInfo write(NatsReplicaClient client, int size) throws IOException {
		byte[] content = new byte[size];
		new Random(size).nextBytes(content);
		Txid txid = new Txid(++this.txid);
		return client.write(0, txid, txid, Instant.EPOCH, new ByteArrayInputStream(content));
	}

	private static List<String> codes(NatsReplicaClient client) {
		return client.condition().findings().stream().map(ReplicaFinding::code).toList();
	}

	@Test
	void nothingIsKnownBeforeTheBucketIsOpenAndNothingWrongAfterwards() throws Exception {
		NatsReplicaClient client = client(NEVER);
		assertThat(client.condition()).isEqualTo(ReplicaCondition.UNKNOWN);
		client.open();
		assertThat(client.condition()).isEqualTo(new ReplicaCondition(Durability.SERVER, List.of()));
	}

	@Test
	void whatTheOperatorSaysOfTheServersCounts() throws Exception {
		NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(this.server.url(BUCKET))
			.toOptions()
			.syncAlways(true)
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build());
		this.closeables.add(client);
		client.open();
		assertThat(client.condition().durability()).isEqualTo(Durability.SERVER_SYNCED);
	}

	@Test
	@Hazard("N13")
	void memoryIsReported() throws Exception {
		NatsReplicaClient client = client(NEVER,
				new NatsBucketOptions(true, 1, NatsBucketOptions.Storage.MEMORY, -1, null));
		client.open();
		assertThat(codes(client)).containsExactly("memory");
		assertThat(client.condition().durability()).isEqualTo(Durability.VOLATILE);
	}

	@Test
	@Hazard("S12")
	void acknowledgementsBeforeAnythingIsWrittenAreReported() throws Exception {
		RawBucket raw = raw();
		String answer = new String(
				raw.connection.request("$JS.API.STREAM.CREATE." + raw.bucket.stream(),
						NatsBucketOptions.DEFAULTS.stream(raw.bucket, -1, false)
							.toJson()
							.replace("\"allow_direct\"", "\"persist_mode\":\"async\",\"allow_direct\"")
							.getBytes(StandardCharsets.UTF_8),
						Duration.ofSeconds(5))
					.getData(),
				StandardCharsets.UTF_8);
		assertThat(answer).contains("\"persist_mode\":\"async\"");
		NatsReplicaClient client = client(NEVER);
		client.open();
		assertThat(codes(client)).containsExactly("acknowledged-before-written");
		assertThat(client.condition().durability()).isEqualTo(Durability.VOLATILE);
	}

	@Test
	@Hazard("N13")
	void aSealedBucketIsRefusedAtTheStartAndReportedLater() throws Exception {
		NatsReplicaClient client = client(NEVER);
		write(client, 10);
		change((stream) -> stream.seal());
		// a restart of the server is a reconnection, whereupon reads look again
		this.server.restart();
		await().ignoreExceptionsInstanceOf(ReplicaUnavailableException.class).untilAsserted(() -> {
			client.list(0);
			assertThat(codes(client)).contains("sealed");
		});
		assertThat(client.condition().hasErrors()).isTrue();
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> client(NEVER).open())
			.withMessageContaining("is sealed and takes no more objects");
	}

	@Test
	@Hazard("S2")
	void aTimeToLiveThatIsSetWhileRunningIsReported() throws Exception {
		NatsReplicaClient client = client(Duration.ZERO);
		write(client, 10);
		assertThat(codes(client)).isEmpty();
		change((stream) -> stream.maxAge(Duration.ofDays(30)));
		write(client, 10);
		await().untilAsserted(() -> assertThat(codes(client)).containsExactly("ttl"));
		change((stream) -> stream.maxAge(Duration.ZERO));
		write(client, 10);
		await().untilAsserted(() -> assertThat(codes(client)).isEmpty());
	}

	@Test
	void trafficWithinTheIntervalCausesNoFurtherLook() throws Exception {
		NatsReplicaClient client = client(NEVER);
		write(client, 10);
		change((stream) -> stream.maxAge(Duration.ofDays(30)));
		for (int i = 0; i < 50; i++) {
			write(client, 10);
		}
		assertThat(codes(client)).isEmpty();
	}

	@Test
	@Hazard("S3")
	void aBucketThatFillsIsReportedAndFreedByDeleting() throws Exception {
		NatsReplicaClient client = client(Duration.ZERO,
				new NatsBucketOptions(true, 1, NatsBucketOptions.Storage.FILE, 1_000_000, null));
		List<LtxFileInfo> files = new ArrayList<>();
		files.add(write(client, 700_000));
		await().untilAsserted(() -> assertThat(codes(client)).isEmpty());
		files.add(write(client, 120_000));
		await().untilAsserted(() -> assertThat(codes(client)).containsExactly("nearly-full"));
		assertThat(client.condition().hasErrors()).isFalse();
		files.add(write(client, 130_000));
		await().untilAsserted(() -> assertThat(client.condition().hasErrors()).isTrue());
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> write(client, 100_000))
			.withMessageContaining("is full");
		client.delete(files);
		assertThat(client.list(0).isEmpty()).isTrue();
		write(client, 100_000);
		await().untilAsserted(() -> assertThat(codes(client)).isEmpty());
	}

	@Test
	@Hazard("S17")
	void chunksAreCutToWhatTheBucketTakes() throws Exception {
		NatsReplicaClient first = client(NEVER);
		first.open();
		change((stream) -> stream.maximumMessageSize(20_000));
		NatsReplicaClient client = client(NEVER);
		LtxFileInfo file = write(client, 200_000);
		assertThat(codes(client)).containsExactly("small-chunks");
		assertThat(client.read(file).readAllBytes()).hasSize(200_000);
		assertThat(raw().subjects().values()).contains(10L);
		change((stream) -> stream.maximumMessageSize(1000));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> client(NEVER).open())
			.withMessageContaining("takes messages of at most 1000 bytes, where 4096 are needed");
	}

}
