package dev.litestream.nats;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.litestream.Durability;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.nats.bucket.RawBucket;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsCluster;
import dev.litestream.test.NatsServer;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A bucket on three servers while an application commits: whatever happens to one server,
 * or to two for a while, nothing acknowledged is missing and no commit of the application
 * waits for it. Prints how long replication stood still.
 */
@Timeout(180)
class ClusterTests {

	private static NatsCluster cluster;

	private static int buckets;

	@TempDir
	Path directory;

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private String bucket = "";

	private RawBucket raw;

	private CommitJournal journal;

	@BeforeAll
	static void startCluster() {
		cluster = NatsCluster.start("""
				lame_duck_duration: "30s"
				lame_duck_grace_period: "500ms"
				""");
	}

	@AfterAll
	static void stopCluster() {
		cluster.close();
	}

	@BeforeEach
	void startReplication() throws Exception {
		this.bucket = "cluster-" + (++buckets);
		this.raw = closing(new RawBucket(cluster.url(this.bucket).replace("/" + this.bucket, ""), this.bucket));
		NatsReplicaClient client = client();
		client.open();
		this.journal = closing(new CommitJournal(this.directory.resolve("app.db"), client));
		this.journal.awaitAcknowledged(20);
	}

	@AfterEach
	void close() throws Exception {
		for (NatsServer server : cluster.servers()) {
			server.resume();
			if (!server.isRunning()) {
				server.restart();
			}
		}
		for (int i = this.closeables.size() - 1; i >= 0; i--) {
			this.closeables.get(i).close();
		}
		cluster.awaitReady();
	}

	private NatsReplicaClient client() {
		return client(cluster.url(this.bucket));
	}

	private NatsReplicaClient client(String url) {
		return closing(new NatsReplicaClient(NatsReplicaUrl.parse(url)
			.toOptions()
			.reconnectWait(Duration.ofMillis(200))
			.requestTimeout(Duration.ofSeconds(2))
			.connectionTimeout(Duration.ofSeconds(2))
			.bucketOptions(new NatsBucketOptions(true, 3, NatsBucketOptions.Storage.FILE, -1, null))
			.build()));
	}

	private <T extends AutoCloseable> T closing(T closeable) {
		this.closeables.add(closeable);
		return closeable;
	}

	private ClusterInfo info() throws Exception {
		return this.raw.management.getStreamInfo(this.raw.stream()).getClusterInfo();
	}

	private String leader() {
		return await().ignoreExceptions().until(() -> info().getLeader(), (name) -> name != null && !name.isEmpty());
	}

	private void finish(TestInfo test) throws Exception {
		this.journal.awaitAcknowledged(20);
		this.journal.finishAndVerify(client(), this.directory.resolve("restored.db"));
		assertThat(this.journal.status().state()).isEqualTo(ReplicationState.REPLICATING);
		// nothing was lost on the way, so nothing had to be shipped anew
		assertThat(this.journal.status().counters().lastResync()).isEqualTo(ResyncReason.FIRST_SYNC);
		assertThat(this.journal.status().counters().resyncs()).isOne();
		System.out.printf(Locale.ROOT,
				"cluster: %s: %d commits acknowledged, none missing; %d ms without progress; longest commit %d ms%n",
				test.getTestMethod().orElseThrow().getName(), this.journal.acknowledged(),
				this.journal.longestGap().toMillis(), this.journal.longestCommit().toMillis());
	}

	@Test
	@Hazard("S6")
	@Hazard("S8")
	void aKilledLeaderCostsNoAcknowledgedCommit(TestInfo test) throws Exception {
		String leader = leader();
		cluster.server(leader).kill();
		this.journal.awaitCommitted(50);
		this.journal.awaitAcknowledged(50);
		assertThat(leader()).isNotEqualTo(leader);
		cluster.server(leader).restart();
		finish(test);
	}

	@Test
	@Hazard("S6")
	void aLeaderThatStepsDownCostsNoAcknowledgedCommit(TestInfo test) throws Exception {
		for (int i = 0; i < 3; i++) {
			String leader = leader();
			this.raw.connection.request("$JS.API.STREAM.LEADER.STEPDOWN." + this.raw.stream(), new byte[0],
					Duration.ofSeconds(5));
			await().until(() -> !leader().equals(leader));
			this.journal.awaitAcknowledged(50);
		}
		finish(test);
	}

	@Test
	@Hazard("S11")
	void aFollowerThatLagsIsNeitherWaitedForNorRead(TestInfo test) throws Exception {
		String leader = leader();
		NatsServer follower = cluster.others(leader).get(0);
		follower.pause();
		this.journal.awaitAcknowledged(200);
		// a client that starts now reads the newest position, from whatever server
		NatsReplicaClient reader = client();
		requireNewest(reader);
		follower.resume();
		for (int i = 0; i < 20; i++) {
			// it serves requests again and has not caught up
			requireNewest(reader);
		}
		finish(test);
	}

	/**
	 * Which server the client is connected to is left to chance; the one that leads the
	 * bucket goes in any case.
	 */
	@Test
	@Hazard("S6")
	void aServerThatIsShutDownForMaintenanceCostsNoAcknowledgedCommit(TestInfo test) throws Exception {
		NatsServer leader = cluster.server(leader());
		leader.lameDuck();
		await().atMost(Duration.ofSeconds(60)).until(() -> !leader.isRunning());
		this.journal.awaitAcknowledged(50);
		leader.restart();
		finish(test);
	}

	@Test
	void aBucketOnOneServerOfSeveralIsReported() throws Exception {
		NatsReplicaClient client = closing(new NatsReplicaClient(NatsReplicaUrl.parse(cluster.url("single"))
			.toOptions()
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build()));
		client.open();
		assertThat(client.condition().durability()).isEqualTo(Durability.SERVER);
		assertThat(client.condition().findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.code()).isEqualTo("one-replica");
			assertThat(finding.message()).contains("`nats stream edit OBJ_single --replicas=3`");
		});
		assertThat(this.journal.status().condition()).isEqualTo(new ReplicaCondition(Durability.CLUSTER, List.of()));
	}

	/** A replicated stream of nats-server 2.15.2 stops for good when it refuses one. */
	@Test
	@Hazard("S6")
	void noMessageOfAClusterDependsOnTheOneBefore() throws Exception {
		for (int replicas : new int[] { 1, 3 }) {
			RawBucket other = raw("unchained-" + replicas);
			NatsReplicaClient client = small(other, replicas);
			client.open();
			write(client, 1);
			assertThat(header(other, 1, "Nats-Expected-Last-Msg-Id")).isNull();
			assertThat(header(other, 2, "Nats-Expected-Last-Msg-Id")).isNull();
			assertThat(header(other, 2, "Nats-Batch-Commit")).isEqualTo((replicas == 3) ? "1" : null);
		}
	}

	@Test
	@Hazard("S6")
	void aSmallFileIsABatchWhereTheBucketIsReplicatedAndTakesBatches() throws Exception {
		RawBucket other = raw("batches");
		NatsReplicaClient client = small(other, 1);
		client.open();
		LtxFileInfo first = write(client, 1);
		await().untilAsserted(() -> assertThat(client.usage().connection().roundTripsPerCommit()).isEqualTo(2));
		other.management.updateStream(StreamConfiguration.builder(configuration(other)).replicas(3).build());
		LtxFileInfo second = await().atMost(Duration.ofMinutes(1))
			.ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
			.until(() -> write(client, 2), (file) -> true);
		await().ignoreExceptions()
			.until(() -> other.management.getStreamInfo(other.stream())
				.getClusterInfo()
				.getReplicas()
				.stream()
				.filter((replica) -> replica.isCurrent())
				.count() == 2);
		NatsReplicaClient later = small(other, 3);
		later.open();
		LtxFileInfo third = write(later, 3);
		assertThat(header(other, other.messages(), "Nats-Batch-Commit")).isEqualTo("1");
		await().untilAsserted(() -> assertThat(later.usage().connection().roundTripsPerCommit()).isOne());
		other.management
			.updateStream(StreamConfiguration.builder(configuration(other)).allowAtomicPublish(false).build());
		LtxFileInfo fourth = write(later, 4);
		assertThat(header(other, other.messages(), "Nats-Batch-Commit")).isNull();
		for (NatsReplicaClient reader : List.of(client, later, small(other, 3))) {
			reader.open();
			assertThat(reader.list(0).files()).containsExactly(first, second, third, fourth);
			for (LtxFileInfo file : reader.list(0)) {
				try (InputStream in = reader.read(file)) {
					assertThat(in.readAllBytes()).hasSize(100);
				}
			}
		}
	}

	@Test
	@Hazard("S6")
	void aBatchForANameThatExistsIsRefusedAsAWhole() throws Exception {
		RawBucket other = raw("refused");
		NatsReplicaClient client = small(other, 3);
		client.open();
		LtxFileInfo file = write(client, 1);
		assertThat(write(client, 1)).as("with the same content").isEqualTo(file);
		assertThatExceptionOfType(LtxConflictException.class).isThrownBy(() -> client.write(0, Txid.FIRST, Txid.FIRST,
				file.createdAt(), new ByteArrayInputStream(new byte[101])));
		assertThat(client.list(0).files()).containsExactly(file);
		await().untilAsserted(() -> assertThat(other.messages()).as("no chunk of the others is left").isEqualTo(2));
		write(client, 2);
		assertThat(header(other, 2, "Nats-Batch-Commit")).isEqualTo("1");
	}

	private RawBucket raw(String bucket) throws Exception {
		return closing(new RawBucket(cluster.url(bucket).replace("/" + bucket, ""), bucket));
	}

	private NatsReplicaClient small(RawBucket bucket, int replicas) {
		return closing(new NatsReplicaClient(NatsReplicaUrl.parse(cluster.url(bucket.stream().substring(4)))
			.toOptions()
			.bucketOptions(new NatsBucketOptions(true, replicas, NatsBucketOptions.Storage.FILE, -1, null))
			.build()));
	}

	private static LtxFileInfo write(NatsReplicaClient client, long txid) throws Exception {
		return client.write(0, new Txid(txid), new Txid(txid), Instant.parse("2026-11-21T00:16:32.2Z"),
				new ByteArrayInputStream(new byte[100]));
	}

	private static StreamConfiguration configuration(RawBucket bucket) throws Exception {
		return bucket.management.getStreamInfo(bucket.stream()).getConfiguration();
	}

	private static @Nullable String header(RawBucket bucket, long sequence, String name) throws Exception {
		Headers headers = bucket.management.getMessage(bucket.stream(), sequence).getHeaders();
		return (headers != null) ? headers.getFirst(name) : null;
	}

	@Test
	void aBucketIsPlacedAsAskedFor() throws Exception {
		for (String name : List.of("n1", "n3")) {
			NatsBucketOptions wanted = new NatsBucketOptions(true, 1, NatsBucketOptions.Storage.FILE, -1, null,
					new NatsBucketOptions.Placement("test", List.of("zone:" + name)), Map.of(), false);
			NatsReplicaClient client = closing(new NatsReplicaClient(
					NatsReplicaUrl.parse(cluster.url("placed-" + name)).toOptions().bucketOptions(wanted).build()));
			client.open();
			assertThat(this.raw.management.getStreamInfo("OBJ_placed-" + name).getClusterInfo().getLeader())
				.isEqualTo(name);
		}
	}

	private void requireNewest(NatsReplicaClient reader) {
		Txid replicated = this.journal.status().replicatedTxid();
		// the server may have put the listing's consumer on the one that lags
		LtxListing listing = await().atMost(Duration.ofSeconds(30))
			.pollInterval(Duration.ofMillis(10))
			.ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
			.until(() -> reader.list(0), (listed) -> true);
		assertThat(listing.maxTxid()).isGreaterThanOrEqualTo(replicated);
	}

	@Test
	@Hazard("S6")
	void aServerThatFallsSilentIsLeftForAnother() throws Exception {
		NatsServer follower = cluster.others(leader()).get(0);
		// the others become known by the server's word
		NatsReplicaClient client = client(follower.url("silent"));
		client.open();
		follower.pause();
		long start = System.nanoTime();
		LtxFileInfo file = await().atMost(Duration.ofSeconds(30))
			.ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
			.until(() -> client.write(0, Txid.FIRST, Txid.FIRST, Instant.EPOCH, new ByteArrayInputStream(new byte[9])),
					(written) -> true);
		assertThat(file.size()).isEqualTo(9);
		System.out.printf(Locale.ROOT, "cluster: %d ms until another server was asked%n",
				Duration.ofNanos(System.nanoTime() - start).toMillis());
	}

	/**
	 * Direct gets are answered by any server, with or without what was just acknowledged;
	 * some of a hundred miss it even while nothing else happens.
	 */
	@Test
	@Hazard("S11")
	void whatIsAcknowledgedIsFoundAtOnce() throws Exception {
		NatsReplicaClient writer = client(cluster.url("found"));
		List<NatsReplicaClient> readers = cluster.servers()
			.stream()
			.map((server) -> client(server.url("found")))
			.toList();
		for (NatsReplicaClient reader : readers) {
			reader.open();
		}
		for (int i = 1; i <= 300; i++) {
			byte[] content = ("content " + i).getBytes(StandardCharsets.US_ASCII);
			LtxFileInfo file = writer.write(0, new Txid(i), new Txid(i), Instant.EPOCH,
					new ByteArrayInputStream(content));
			NatsReplicaClient reader = readers.get(i % 3);
			try (InputStream in = reader.read(file)) {
				assertThat(in.readAllBytes()).isEqualTo(content);
			}
			if (i % 10 == 0) {
				assertThat(reader.list(0).files()).hasSize(i);
			}
		}
	}

	@Test
	@Hazard("S6")
	@Hazard("S8")
	void aQuorumThatIsLostAndBackCostsNoAcknowledgedCommit(TestInfo test) throws Exception {
		List<NatsServer> two = cluster.others(leader());
		two.forEach(NatsServer::kill);
		await().atMost(Duration.ofSeconds(30))
			.until(() -> this.journal.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
		long acknowledged = this.journal.acknowledged();
		this.journal.awaitCommitted(200);
		assertThat(this.journal.acknowledged()).as("acknowledged without a quorum").isEqualTo(acknowledged);
		two.forEach(NatsServer::restart);
		this.journal.awaitAcknowledged(200);
		// A consumer may be given to a server that has no time for it yet.
		two.forEach(cluster::awaitReady);
		finish(test);
	}

	@Test
	@Hazard("S6")
	@Hazard("S13")
	void aRollingRestartCostsNoAcknowledgedCommit(TestInfo test) throws Exception {
		for (NatsServer server : cluster.servers()) {
			server.restart();
			cluster.awaitReady(server);
			this.journal.awaitAcknowledged(20);
		}
		finish(test);
	}

}
