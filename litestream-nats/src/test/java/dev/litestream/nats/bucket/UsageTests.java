package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicaUsage;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a replica tells about itself, and that it asks only when it is asked.
 */
@Timeout(60)
class UsageTests {

	@Test
	void tellsWhatTheBucketHoldsAndHowTheConnectionIs() throws Exception {
		try (NatsServer server = NatsServer.builder().config("authorization { user: app, password: s3cret }").start();
				NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl
					.parse("nats://app:s3cret@127.0.0.1:" + server.port() + "/usage")
					.toOptions()
					.reconnectWait(Duration.ofMillis(50))
					.bucketOptions(
							new NatsBucketOptions(true, 1, NatsBucketOptions.DEFAULTS.storage(), 1_000_000, null))
					.build())) {
			assertThat(client.usage().isKnown()).as("before it is opened").isFalse();
			client.open();
			write(client, 0, 1, 100);
			write(client, 0, 2, 200);
			write(client, 1, 1, 1000);
			await().until(() -> client.usage().isKnown());
			ReplicaUsage usage = client.usage();
			assertThat(usage.levels()).hasSize(10)
				.startsWith(new ReplicaUsage.Level(2, 300), new ReplicaUsage.Level(1, 1000),
						new ReplicaUsage.Level(0, 0));
			assertThat(usage.objects()).isEqualTo(3);
			assertThat(usage.bytes()).isEqualTo(1300);
			assertThat(usage.store().bytes()).isGreaterThan(1300);
			assertThat(usage.store().limit()).isEqualTo(1_000_000);
			assertThat(usage.store().messages()).isEqualTo(6);
			assertThat(usage.store().replicas()).isEqualTo(1);
			assertThat(usage.problem()).isNull();
			assertThat(usage.connection()).isNotNull();
			assertThat(usage.connection().state()).isEqualTo("CONNECTED");
			assertThat(usage.connection().server()).contains("127.0.0.1:" + server.port());
			assertThat(usage.connection().roundTrip()).isPositive();
			assertThat(usage.connection().reconnects()).isZero();
			assertThat(usage.toString()).doesNotContain("s3cret");
			server.restart();
			await().untilAsserted(() -> {
				assertThat(client.usage().connection()).isNotNull();
				assertThat(client.usage().connection().reconnects()).isEqualTo(1);
				assertThat(client.usage().connection().state()).isEqualTo("CONNECTED");
			});
		}
	}

	@Test
	void aServerThatIsGoneOrFallsSilentIsNotConnectedTo() throws Exception {
		try (NatsServer server = NatsServer.start();
				NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(server.url("silent"))
					.toOptions()
					.reconnectWait(Duration.ofMillis(50))
					.connectionTimeout(Duration.ofMillis(500))
					.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
					.build())) {
			assertThat(client.isConnected()).as("before it is opened").isFalse();
			client.open();
			assertThat(client.isConnected()).isTrue();
			server.pause();
			await().untilAsserted(() -> assertThat(client.usage().connection()).isNotNull()
				.satisfies((connection) -> assertThat(connection.state()).isEqualTo("SILENT")));
			assertThat(client.isConnected()).isFalse();
			assertThat(client.usage().problem()).contains("does not answer");
			server.resume();
			await().atMost(Duration.ofSeconds(30)).until(() -> client.usage().connection().isConnected());
			assertThat(client.isConnected()).isTrue();
			server.kill();
			await().until(() -> !client.isConnected());
			assertThat(client.usage().connection().isConnected()).isFalse();
			assertThat(client.usage().problem()).isNotNull();
		}
	}

	@Test
	void asksOnceForManyQuestionsAndNothingUnasked() throws Exception {
		try (NatsServer server = NatsServer.start();
				RawBucket raw = new RawBucket(server.url(), "asked").create();
				ApiRequests requests = new ApiRequests(server.url(), "asked");
				NatsReplicaClient client = new NatsReplicaClient(
						NatsReplicaUrl.parse(server.url("asked")).toOptions().build())) {
			write(client, 0, 1, 100);
			assertThat(client.list(0).files()).hasSize(1);
			requests.take();
			assertThat(requests.take()).isEmpty();
			for (int i = 0; i < 100; i++) {
				client.usage();
			}
			await().until(() -> client.usage().isKnown());
			assertThat(requests.take()).containsExactly("STREAM.INFO");
			raw.purge(raw.bucket.allChunks());
			assertThat(client.usage().store().phantoms()).as("what was found out last").isEmpty();
		}
	}

	@Test
	void namesObjectsWhoseContentIsMissing() throws Exception {
		try (NatsServer server = NatsServer.start();
				RawBucket raw = new RawBucket(server.url(), "phantoms").create();
				NatsReplicaClient client = new NatsReplicaClient(
						NatsReplicaUrl.parse(server.url("phantoms")).toOptions().build())) {
			LtxFileInfo file = write(client, 0, 1, 100);
			raw.purge(raw.bucket.allChunks());
			await().until(() -> client.usage().isKnown());
			assertThat(client.usage().store().phantoms()).isEqualTo(List.of("ltx/0/" + file.fileName()));
			assertThat(client.usage().objects()).isZero();
		}
	}

	@Test
	void anObjectWithoutContentIsReportedAndGoesWithTheFilesThatMadeItSuperfluous() throws Exception {
		try (NatsServer server = NatsServer.start();
				RawBucket raw = new RawBucket(server.url(), "superseded").create();
				NatsReplicaClient client = new NatsReplicaClient(
						NatsReplicaUrl.parse(server.url("superseded")).toOptions().build())) {
			LtxFileInfo first = write(client, 0, 1, 100);
			LtxFileInfo lost = write(client, 0, 2, 100);
			LtxFileInfo third = write(client, 0, 3, 100);
			LtxFileInfo lostToo = write(client, 0, 4, 100);
			LtxFileInfo merged = write(client, 1, 3, 100);
			assertThat(client.condition().findings()).noneMatch(UsageTests::isPhantoms);
			for (LtxFileInfo file : List.of(lost, lostToo)) {
				raw.purge(raw.bucket.chunks(raw.meta("ltx/0/" + file.fileName()).nuid()));
			}
			assertThat(client.list(0).files()).containsExactly(first, third);
			assertThat(client.condition().findings()).filteredOn(UsageTests::isPhantoms)
				.singleElement()
				.satisfies(
						(finding) -> assertThat(finding.message()).contains("2 objects", "ltx/0/" + lost.fileName()));
			client.delete(List.of(first, third));
			assertThat(client.list(0).files()).isEmpty();
			assertThat(client.list(1).files()).containsExactly(merged);
			assertThat(raw.subjects().keySet().stream().filter((subject) -> subject.startsWith("M."))).hasSize(2);
			assertThat(client.condition().findings()).filteredOn(UsageTests::isPhantoms)
				.singleElement()
				.satisfies((finding) -> assertThat(finding.message()).contains("an object",
						"ltx/0/" + lostToo.fileName()));
		}
	}

	private static boolean isPhantoms(ReplicaFinding finding) {
		return finding.code().equals("phantoms");
	}

	private static LtxFileInfo write(NatsReplicaClient client, int level, int txid, int size) throws Exception {
		return client.write(level, new Txid(txid), new Txid(txid), Instant.parse("2026-11-21T00:16:32.2Z"),
				new ByteArrayInputStream(new byte[size]));
	}

}
