package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.connection.SharedConnection;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Listings from an index: what they cost, and that they are right whatever others do.
 */
@NatsServerTest
@Timeout(120)
class BucketIndexTests {

	private static final Instant TIMESTAMP = Instant.parse("2026-11-21T00:16:32.2Z");

	private static int buckets;

	private final NatsServer server;

	private final RawBucket raw;

	private final ApiRequests requests;

	private final List<NatsReplicaClient> clients = new ArrayList<>();

	private final NatsReplicaClient client;

	BucketIndexTests(NatsServer server) throws Exception {
		this.server = server;
		this.raw = new RawBucket(server.url(), "index-" + (++buckets)).create();
		this.requests = new ApiRequests(server.url(), this.raw.bucket.name());
		this.client = client("ours", null);
	}

	@AfterEach
	void close() throws Exception {
		this.clients.forEach(NatsReplicaClient::close);
		this.requests.close();
		this.raw.close();
	}

	private NatsReplicaClient client(String connection, @Nullable String path) throws IOException {
		NatsReplicaClient created = new NatsReplicaClient(NatsReplicaUrl.parse(this.server.url(this.raw.bucket.name()))
			.toOptions()
			.path(path)
			.connectionName(connection)
			.build());
		this.clients.add(created);
		created.open();
		return created;
	}

	@Test
	void aListingAfterTheFirstIsOneRequest() throws Exception {
		List<LtxFileInfo> files = new ArrayList<>();
		for (int i = 1; i <= 20; i++) {
			files.add(write(this.client, i));
		}
		assertThat(this.client.list(0).files()).isEqualTo(files);
		for (int i = 21; i <= 40; i++) {
			files.add(write(this.client, i));
		}
		this.client.delete(files.subList(0, 15));
		files.subList(0, 15).clear();
		this.requests.take();
		assertThat(this.client.list(0).files()).isEqualTo(files);
		assertThat(this.client.listAll().get(0).files()).isEqualTo(files);
		assertThat(this.requests.take()).containsExactly("STREAM.INFO", "STREAM.INFO");
	}

	@Test
	void writingAsksNothingOfJetStream() throws Exception {
		this.client.list(0);
		this.requests.take();
		for (int i = 1; i <= 20; i++) {
			write(this.client, i);
		}
		assertThat(this.requests.take()).isEmpty();
	}

	@Test
	void databasesOfOneConnectionShareTheIndexOfTheirBucket() throws Exception {
		NatsReplicaClient orders = client("ours", "orders");
		LtxFileInfo ours = write(this.client, 1);
		assertThat(this.client.list(0).files()).containsExactly(ours);
		LtxFileInfo theirs = write(orders, 7);
		this.requests.take();
		assertThat(orders.list(0).files()).containsExactly(theirs);
		assertThat(this.client.list(0).files()).containsExactly(ours);
		assertThat(this.requests.take()).containsOnly("STREAM.INFO");
	}

	@Test
	void objectsOfOthersAreReadOneByOne() throws Exception {
		NatsReplicaClient other = client("other", null);
		List<LtxFileInfo> files = new ArrayList<>(List.of(write(this.client, 1)));
		this.client.list(0);
		for (int i = 2; i <= 9; i++) {
			files.add(write((i % 3 == 0) ? this.client : other, i));
		}
		this.requests.take();
		assertThat(this.client.list(0).files()).isEqualTo(files);
		assertThat(this.requests.take()).doesNotContain("CONSUMER.CREATE").contains("STREAM.MSG.GET");
		assertThat(other.list(0).files()).isEqualTo(files);
	}

	@Test
	@Hazard("S1")
	void removalsOfOthersAreSeen() throws Exception {
		NatsReplicaClient other = client("other", null);
		LtxFileInfo first = write(this.client, 1);
		LtxFileInfo second = write(this.client, 2);
		assertThat(this.client.list(0).files()).containsExactly(first, second);
		other.delete(List.of(first));
		assertThat(this.client.list(0).files()).containsExactly(second);
		// as many come as go
		other.delete(List.of(second));
		LtxFileInfo third = write(other, 3);
		assertThat(this.client.list(0).files()).containsExactly(third);
		LtxFileInfo fourth = write(this.client, 4);
		other.delete(List.of(third));
		assertThat(this.client.list(0).files()).containsExactly(fourth);
	}

	@Test
	void tombstonesAndReplacementsOfOthersAreSeen() throws Exception {
		LtxFileInfo first = write(this.client, 1);
		LtxFileInfo second = write(this.client, 2);
		assertThat(this.client.list(0).files()).containsExactly(first, second);
		this.raw.objectStore().delete(name(1));
		assertThat(this.client.list(0).files()).containsExactly(second);
		this.raw.objectStore().delete(name(2));
		List<byte[]> chunks = List.of(new byte[77]);
		ObjectMeta meta = ObjectMeta.parse(this.raw.metaMessage(name(2)).getData());
		this.raw.put(new ObjectMeta(name(2), meta.headers(), 1000, this.raw.bucket.name(), "again", 77, 1, "", false),
				chunks);
		this.raw.put(new ObjectMeta(name(2), meta.headers(), 1000, this.raw.bucket.name(), "again2", 78, 2, "", false),
				List.of(new byte[77], new byte[1]));
		List<LtxFileInfo> files = this.client.list(0).files();
		assertThat(files).hasSize(1);
		assertThat(files.get(0).size()).isEqualTo(78);
		assertThat(write(this.client, 1)).isEqualTo(first);
		assertThat(this.client.list(0).files()).containsExactly(first, files.get(0));
	}

	@Test
	@Hazard("S19")
	void aBucketMadeAnewIsReadAnew() throws Exception {
		write(this.client, 1);
		write(this.client, 2);
		assertThat(this.client.list(0).files()).hasSize(2);
		this.raw.deleteBucket();
		this.raw.create();
		LtxFileInfo other = write(client("other", null), 5);
		this.raw.connection.jetStream().publish(this.raw.bucket.chunks("x"), new byte[1]);
		this.raw.connection.jetStream().publish(this.raw.bucket.chunks("x"), new byte[1]);
		assertThat(this.client.list(0).files()).containsExactly(other);
	}

	@Test
	void aServerThatRestartedIsReadAnew() throws Exception {
		try (NatsServer own = NatsServer.start();
				RawBucket bucket = new RawBucket(own.url(), "restarted").create();
				NatsReplicaClient restarted = new NatsReplicaClient(NatsReplicaUrl.parse(own.url("restarted"))
					.toOptions()
					.reconnectWait(Duration.ofMillis(50))
					.build());
				ApiRequests asked = new ApiRequests(own.url(), "restarted")) {
			LtxFileInfo file = write(restarted, 1);
			assertThat(restarted.list(0).files()).containsExactly(file);
			own.kill();
			own.restart();
			await().ignoreExceptionsInstanceOf(Exception.class).until(() -> {
				asked.take();
				restarted.list(0);
				return asked.take().contains("CONSUMER.CREATE");
			});
			assertThat(restarted.list(0).files()).containsExactly(file);
		}
	}

	@Test
	@Hazard("S8")
	void anObjectWithoutItsChunksIsNotListedUntilItIsWrittenAgain() throws Exception {
		LtxFileInfo first = write(this.client, 1);
		LtxFileInfo second = write(this.client, 2);
		this.raw.purge(this.raw.bucket.chunks(this.raw.meta(name(2)).nuid()));
		assertThat(this.client.list(0).files()).containsExactly(first);
		// left by another, seen as it comes
		ObjectMeta meta = this.raw.meta(name(1));
		this.raw.put(new ObjectMeta(name(3), meta.headers(), 1000, this.raw.bucket.name(), "lost", 1001, 2, "", false),
				List.of(new byte[1000]));
		this.requests.take();
		assertThat(this.client.list(0).files()).containsExactly(first);
		assertThat(this.requests.take()).doesNotContain("CONSUMER.CREATE");
		assertThat(write(this.client, 2)).isEqualTo(second);
		assertThat(this.client.list(0).files()).containsExactly(first, second);
	}

	@Test
	@Hazard("S9")
	void chunksWithoutMetadataAreRemovedOnceTheyAreOldAndNobodyClaimsThem() throws Exception {
		write(this.client, 1);
		ObjectMeta meta = this.raw.meta(name(1));
		for (String nuid : List.of("orphan", "claimed", "ours")) {
			this.raw.connection.jetStream().publish(this.raw.bucket.chunks(nuid), new byte[100]);
		}
		SharedConnection connection = SharedConnection
			.acquire(NatsReplicaUrl.parse(this.server.url(this.raw.bucket.name())).toOptions().build().connection());
		try {
			connection.connect();
			JetStreamApi api = new JetStreamApi(connection,
					NatsReplicaUrl.parse(this.server.url(this.raw.bucket.name())).toOptions().build());
			BucketScan scan = new BucketScan(api, this.raw.bucket, new LeaderReads(api, this.raw.bucket));
			BucketIndex index = new BucketIndex();
			index.ask(scan, (objects, state) -> 0);
			assertThat(new OrphanPurge(scan, index).purge(Duration.ofHours(1))).as("young").isZero();
			rescan(index, scan);
			index.orphans().putStarted("ours");
			this.raw.putMeta(name(2), new String(
					new ObjectMeta(name(2), meta.headers(), 1000, this.raw.bucket.name(), "claimed", 100, 1, "", false)
						.toJson(),
					StandardCharsets.UTF_8));
			assertThat(new OrphanPurge(scan, index).purge(Duration.ZERO)).isEqualTo(1);
			assertThat(this.raw.subjects()).doesNotContainKey("C.orphan").containsKeys("C.claimed", "C.ours");
			assertThat(this.client.list(0).files()).hasSize(2);
		}
		finally {
			connection.release();
		}
	}

	/**
	 * Two processes write, delete and list at once. A listing holds every file that was
	 * there from before it began until after it ended, and none that was gone throughout.
	 */
	@Test
	void listingsAreCompleteWhileSeveralWrite() throws Exception {
		List<NatsReplicaClient> writers = List.of(this.client, client("ours", null), client("other", null));
		Map<Txid, LtxFileInfo> present = new ConcurrentSkipListMap<>();
		Set<Txid> gone = Collections.newSetFromMap(new ConcurrentSkipListMap<>());
		AtomicInteger txids = new AtomicInteger();
		AtomicInteger listings = new AtomicInteger();
		ExecutorService pool = Executors.newCachedThreadPool();
		try {
			List<Future<?>> tasks = new ArrayList<>();
			for (NatsReplicaClient writer : writers) {
				Random random = new Random(writers.indexOf(writer));
				tasks.add(pool.submit((Callable<Void>) () -> {
					for (int i = 0; i < 150; i++) {
						LtxFileInfo written = write(writer, txids.incrementAndGet());
						present.put(written.minTxid(), written);
						if (random.nextInt(3) == 0) {
							present.remove(written.minTxid());
							writer.delete(List.of(written));
							gone.add(written.minTxid());
						}
					}
					return null;
				}));
			}
			for (NatsReplicaClient reader : List.of(this.client, writers.get(2))) {
				tasks.add(pool.submit((Callable<Void>) () -> {
					while (txids.get() < 440) {
						List<LtxFileInfo> before = List.copyOf(present.values());
						Set<Txid> goneBefore = Set.copyOf(gone);
						LtxListing listing = listed(reader);
						List<LtxFileInfo> missing = new ArrayList<>(before);
						missing.removeAll(Set.copyOf(listing.files()));
						assertThat(missing).filteredOn((file) -> present.containsKey(file.minTxid())).isEmpty();
						assertThat(listing.files()).extracting(LtxFileInfo::minTxid)
							.doesNotContainAnyElementsOf(goneBefore.isEmpty() ? Set.of(Txid.ZERO) : goneBefore);
						listings.incrementAndGet();
					}
					return null;
				}));
			}
			for (Future<?> task : tasks) {
				task.get();
			}
		}
		finally {
			pool.shutdownNow();
		}
		for (NatsReplicaClient each : writers) {
			assertThat(each.list(0).files()).containsExactlyElementsOf(present.values());
		}
		assertThat(listings.get()).isPositive();
	}

	@Test
	void aScanThatEndsInAnErrorLeavesNoIndexBehind() throws Exception {
		for (int i = 1; i <= 5; i++) {
			write(this.client, i);
		}
		AtomicInteger entered = new AtomicInteger();
		withScan((stored) -> {
			if (entered.incrementAndGet() == 3) {
				throw new StackOverflowError("in the middle of a scan");
			}
			return true;
		}, (index, scan) -> {
			assertThatExceptionOfType(StackOverflowError.class).isThrownBy(() -> count(index, scan));
			assertThat(count(index, scan)).isEqualTo(5);
		});
	}

	@Test
	void whatTheLeaderCountedAndNobodyEnteredIsNotProvedExact() throws Exception {
		for (int i = 1; i <= 5; i++) {
			write(this.client, i);
		}
		withScan((stored) -> !stored.meta().name().equals(name(3)),
				(index, scan) -> assertThatExceptionOfType(ReplicaUnavailableException.class)
					.isThrownBy(() -> count(index, scan))
					.withMessageContaining("could not be proved complete"));
	}

	private int count(BucketIndex index, BucketScan scan) throws IOException {
		return index.ask(scan, (objects, state) -> objects.count(new ObjectNames(null), 0));
	}

	/**
	 * Works with an index of its own.
	 * @param enter told of all that a scan enters; whether to enter it
	 */
	private void withScan(Predicate<LeaderReads.Stored> enter, ScanTest test) throws Exception {
		NatsReplicaOptions options = NatsReplicaUrl.parse(this.server.url(this.raw.bucket.name())).toOptions().build();
		SharedConnection connection = SharedConnection.acquire(options.connection());
		try {
			connection.connect();
			JetStreamApi api = new JetStreamApi(connection, options);
			test.run(new BucketIndex(), new BucketScan(api, this.raw.bucket, new LeaderReads(api, this.raw.bucket)) {
				@Override
				void enter(LeaderReads.Stored stored, Map<String, Long> chunks, IndexLedger ledger) throws IOException {
					if (enter.test(stored)) {
						super.enter(stored, chunks, ledger);
					}
				}
			});
		}
		finally {
			connection.release();
		}
	}

	private static LtxListing listed(NatsReplicaClient reader) throws IOException {
		while (true) {
			try {
				return reader.list(0);
			}
			catch (ReplicaUnavailableException ex) {
				// not proved: said so, which is allowed
			}
		}
	}

	private static LtxFileInfo write(NatsReplicaClient client, int txid) throws IOException {
		byte[] content = new byte[(txid % 10 == 0) ? 300_000 : 100 + txid];
		new Random(txid).nextBytes(content);
		InputStream source = new ByteArrayInputStream(content);
		return client.write(0, new Txid(txid), new Txid(txid), TIMESTAMP, source);
	}

	private static String name(int txid) {
		return new ObjectNames(null).of(0, new Txid(txid), new Txid(txid));
	}

	/**
	 * Makes an index read its bucket again.
	 */
	private static void rescan(BucketIndex index, BucketScan scan) throws IOException {
		long before = index.scans();
		// a removal whose outcome nobody knows
		index.remove(scan.api()).close();
		index.ask(scan, (objects, state) -> 0);
		assertThat(index.scans()).isEqualTo(before + 1);
	}

	private interface ScanTest {

		void run(BucketIndex index, BucketScan scan) throws Exception;

	}

}
