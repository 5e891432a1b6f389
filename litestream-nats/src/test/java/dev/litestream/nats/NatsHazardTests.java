package dev.litestream.nats;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * What is known to go wrong with object stores in JetStream while the server is well.
 */
@NatsServerTest
@Timeout(120)
class NatsHazardTests {

	private static final Instant TIMESTAMP = Instant.parse("2026-11-21T00:16:32.2Z");

	private static final String FIRST = "ltx/0/0000000000000001-0000000000000001.ltx";

	private static int buckets;

	private final NatsServer server;

	private final RawBucket raw;

	private final NatsReplicaClient client;

	NatsHazardTests(NatsServer server) throws Exception {
		this.server = server;
		this.raw = new RawBucket(server.url(), "hazard-" + (++buckets));
		this.client = client(null);
	}

	@BeforeEach
	void createBucket() throws Exception {
		if (!this.raw.connection.objectStoreManagement().getBucketNames().contains(this.raw.bucket.name())) {
			this.raw.create();
		}
	}

	@AfterEach
	void close() throws Exception {
		this.client.close();
		this.raw.close();
	}

	private NatsReplicaClient client(@Nullable String path) {
		return new NatsReplicaClient(NatsReplicaUrl.parse(this.server.url(this.raw.bucket.name()))
			.toOptions()
			.path(path)
			.requestTimeout(Duration.ofSeconds(5))
			.build());
	}

	@Test
	@Hazard("N3")
	@Hazard("S1")
	void deletingLeavesNoMessageBehind() throws Exception {
		List<LtxFileInfo> files = new ArrayList<>();
		for (int i = 1; i <= 100; i++) {
			files.add(write(i, bytes(i)));
		}
		files.add(write(101, bytes(1_000_000)));
		this.client.delete(files);
		assertThat(this.raw.messages()).isZero();
	}

	@Test
	@Hazard("N3")
	void tombstonesOfOtherClientsAreNeitherListedNorInTheWay() throws Exception {
		write(1, bytes(100));
		LtxFileInfo second = write(2, bytes(100));
		this.raw.objectStore().delete(FIRST);
		assertThat(this.raw.meta(FIRST).deleted()).isTrue();
		assertThat(this.client.list(0).files()).containsExactly(second);
		assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> read(file(1, 100)));
		LtxFileInfo again = write(1, bytes(200));
		assertThat(read(again)).isEqualTo(bytes(200));
		this.raw.objectStore().delete(FIRST);
		this.client.delete(List.of(again, second));
		assertThat(this.raw.messages()).isZero();
	}

	@Test
	@Hazard("S3")
	void aFullBucketRefusesObjectsAndFreesDeletedOnes() throws Exception {
		this.raw.deleteBucket();
		this.raw.create(2 * 1024 * 1024, Duration.ZERO);
		LtxFileInfo first = write(1, bytes(1_500_000));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> write(2, bytes(1_000_000)))
			.withMessageContaining("is full")
			.withMessageContaining("nats stream edit OBJ_" + this.raw.bucket.name() + " --max-bytes");
		assertThat(this.client.list(0).files()).containsExactly(first);
		this.client.delete(List.of(first));
		await().until(() -> this.raw.messages() == 0);
		assertThat(read(write(2, bytes(1_000_000)))).isEqualTo(bytes(1_000_000));
	}

	@Test
	@Hazard("S8")
	void anObjectWithoutItsChunkCannotBeRead() throws Exception {
		LtxFileInfo file = write(1, bytes(1000));
		this.raw.purge(this.raw.bucket.allChunks());
		assertThatIOException().isThrownBy(() -> read(file))
			.withMessageContaining("'" + FIRST + "'")
			.withMessageContaining("is damaged");
		assertThat(read(write(1, bytes(1000)))).as("written again").isEqualTo(bytes(1000));
		assertThat(this.raw.messages()).isEqualTo(2);
	}

	@Test
	@Hazard("S8")
	void anObjectWithoutItsChunksGivesWayToOtherContent() throws Exception {
		write(1, bytes(1000));
		this.raw.purge(this.raw.bucket.allChunks());
		// nobody can have read it, so the history may go on differently there
		LtxFileInfo file = write(1, bytes(2000));
		assertThat(read(file)).isEqualTo(bytes(2000));
		assertThat(this.raw.messages()).isEqualTo(2);
		assertThatExceptionOfType(LtxConflictException.class).isThrownBy(() -> write(1, bytes(3000)));
	}

	@Test
	@Hazard("S8")
	void anObjectWithoutSomeOfItsChunksCannotBeRead() throws Exception {
		LtxFileInfo file = write(1, bytes(3_000_000));
		long third = this.raw.state().getFirstSequence() + 2;
		this.raw.management.deleteMessage(this.raw.bucket.stream(), third);
		assertThatIOException().isThrownBy(() -> read(file)).withMessageContaining("22 of its 23 chunks");
		assertThat(read(write(1, bytes(3_000_000)))).as("written again").isEqualTo(bytes(3_000_000));
	}

	@Test
	@Hazard("C11")
	void aBackupOfLitestream03IsRefusedWithTheWayOut() throws Exception {
		String name = "generations/0123456789abcdef/snapshots/00000000.snapshot.lz4";
		this.raw.connection.objectStore(this.raw.bucket.name()).put(name, new byte[10]);
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(this.client::listAll)
			.withMessageContaining(name)
			.withMessageContaining("Litestream 0.3")
			.withMessageContaining("an empty bucket");
		try (NatsReplicaClient beside = client("app")) {
			assertThat(beside.list(0).files()).as("another database of the bucket").isEmpty();
		}
		this.client.write(0, Txid.FIRST, Txid.FIRST, Instant.now().plusSeconds(60), source(bytes(10)));
		assertThat(this.client.list(0).files()).as("taken over by a later one").hasSize(1);
	}

	@Test
	@Hazard("C11")
	void aBackupOfLitestream03IsFoundBelowThePath() throws Exception {
		this.raw.connection.objectStore(this.raw.bucket.name())
			.put("app/generations/0123456789abcdef/wal/00000000_00000000.wal.lz4", new byte[10]);
		assertThat(this.client.list(0).files()).isEmpty();
		try (NatsReplicaClient inside = client("app")) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(inside::listAll);
		}
	}

	@Test
	@Hazard("S8")
	void contentThatDoesNotMatchItsDigestIsRefusedBeforeItsEnd() throws Exception {
		for (int size : new int[] { 1000, 400_000, 2_000_000 }) {
			List<byte[]> chunks = split(bytes(size), 100_000);
			ObjectMeta meta = meta(1, chunks);
			chunks.get(chunks.size() - 1)[0] ^= 1;
			this.raw.put(meta, chunks);
			assertThatIOException().isThrownBy(() -> {
				try (InputStream in = this.client.read(file(1, size))) {
					in.readNBytes(size);
				}
			}).withMessageContaining("SHA-256");
		}
	}

	@Test
	@Hazard("S9")
	void chunksOfAFailedPutAreRemoved() throws Exception {
		InputStream failing = new InputStream() {
			private int given;

			@Override
			public int read() throws IOException {
				if (this.given++ >= 1_000_000) {
					throw new IOException("the disk failed");
				}
				return 1;
			}
		};
		this.client.open();
		assertThatIOException().isThrownBy(() -> this.client.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, failing))
			.withMessage("the disk failed");
		await().until(() -> this.raw.messages() == 0);
	}

	@Test
	@Hazard("S20")
	void aSecondWriterIsRefusedAndLeavesNothing() throws Exception {
		LtxFileInfo ours = write(1, bytes(1000));
		try (NatsReplicaClient other = client(null)) {
			assertThatExceptionOfType(LtxConflictException.class)
				.isThrownBy(() -> other.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(bytes(500_000))))
				.withMessageContaining("another writer");
		}
		await().until(() -> this.raw.messages() == 2);
		assertThat(read(ours)).isEqualTo(bytes(1000));
	}

	@Test
	@Hazard("S20")
	void writingTheSameAgainLeavesOneObject() throws Exception {
		write(1, bytes(300_000));
		Map<String, Long> before = this.raw.subjects();
		write(1, bytes(300_000));
		await().untilAsserted(() -> assertThat(this.raw.subjects()).isEqualTo(before));
	}

	@Test
	@Hazard("S7")
	@Hazard("S16")
	void objectsOfManyUnevenChunksAreRead() throws Exception {
		byte[] content = bytes(1_700_000);
		List<byte[]> chunks = new ArrayList<>();
		Random random = new Random(4);
		for (int from = 0; from < content.length;) {
			int to = Math.min(content.length, from + 1 + random.nextInt(random.nextBoolean() ? 16 : 9000));
			chunks.add(Arrays.copyOfRange(content, from, to));
			from = to;
		}
		this.raw.put(meta(1, chunks), chunks);
		LtxFileInfo file = file(1, content.length);
		assertThat(this.client.list(0).files()).containsExactly(file);
		assertThat(read(file)).isEqualTo(content);
		for (int[] part : new int[][] { { 0, 1 }, { 1_000_000, 5000 }, { 1_699_990, 10 }, { 131_072, 131_072 } }) {
			try (InputStream in = this.client.read(file, part[0], part[1])) {
				assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, part[0], part[0] + part[1]));
			}
		}
	}

	@Test
	@Hazard("N4")
	void aPartIsReadWithoutWhatLiesBeforeIt() throws Exception {
		byte[] content = bytes(20 * 131072 + 5000);
		LtxFileInfo file = write(1, content);
		long received = this.raw.state().getFirstSequence();
		assertPartsEqual(file, content);
		// the first chunk of all is no longer needed, so that it cannot have been read
		for (int i = 1; i < 10; i++) {
			this.raw.management.deleteMessage(this.raw.bucket.stream(), received + i);
		}
		try (InputStream in = this.client.read(file, 2_600_000, 20_000)) {
			assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 2_600_000, 2_620_000));
		}
	}

	@Test
	@Hazard("N4")
	void aPartOfAnObjectBetweenOthersIsRead() throws Exception {
		byte[] content = bytes(20 * 131072 + 5000);
		List<byte[]> chunks = split(content, 131072);
		ObjectMeta meta = meta(1, chunks);
		for (byte[] chunk : chunks) {
			this.raw.connection.jetStream().publish(this.raw.bucket.chunks(meta.nuid()), chunk);
			this.raw.connection.jetStream().publish(this.raw.bucket.chunks("another"), new byte[10]);
		}
		this.raw.putMeta(meta.name(), new String(meta.toJson(), java.nio.charset.StandardCharsets.UTF_8));
		assertPartsEqual(file(1, content.length), content);
	}

	@Test
	@Hazard("N4")
	void aPartOfAnObjectWithAsManyChunksOfOtherSizesIsRead() throws Exception {
		byte[] content = bytes(20 * 131072 + 5000);
		List<byte[]> chunks = new ArrayList<>(split(Arrays.copyOf(content, 10 * 131072), 131072));
		chunks.add(Arrays.copyOfRange(content, 10 * 131072, 10 * 131072 + 6000));
		chunks.addAll(split(Arrays.copyOfRange(content, 10 * 131072 + 6000, content.length), 131072));
		assertThat(chunks).hasSize(21);
		this.raw.put(meta(1, chunks), chunks);
		assertPartsEqual(file(1, content.length), content);
	}

	private void assertPartsEqual(LtxFileInfo file, byte[] content) throws IOException {
		for (int[] part : new int[][] { { 0, 10 }, { 131071, 2 }, { 131072, 131072 }, { 1_500_000, 300_000 },
				{ 20 * 131072 - 1, 2 }, { 20 * 131072, 5000 }, { content.length - 1, 1 }, { content.length, 0 },
				{ 1_000_000, content.length - 1_000_000 } }) {
			try (InputStream in = this.client.read(file, part[0], part[1])) {
				assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, part[0], part[0] + part[1]));
			}
		}
	}

	@Test
	@Hazard("S17")
	void chunksLargerThanAPullAreRead() throws Exception {
		try (NatsReplicaClient large = new NatsReplicaClient(
				NatsReplicaUrl.parse(this.server.url(this.raw.bucket.name())).toOptions().chunkSize(4 << 20).build())) {
			byte[] content = bytes(5_000_000);
			LtxFileInfo file = large.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(content));
			assertThat(this.raw.meta(FIRST).maxChunkSize()).as("shrunk to what the server takes").isEqualTo(1 << 20);
			assertThat(read(file)).isEqualTo(content);
		}
	}

	@Test
	void anObjectWithoutContentIsEmpty() throws Exception {
		this.raw.put(meta(1, List.of()), List.of());
		assertThat(read(file(1, 0))).isEmpty();
		LtxFileInfo written = write(2, new byte[0]);
		assertThat(read(written)).isEmpty();
		assertThat(this.client.list(0).files()).extracting(LtxFileInfo::size).containsExactly(0L, 0L);
	}

	@Test
	@Hazard("N1")
	void databasesShareABucketByPath() throws Exception {
		LtxFileInfo unprefixed = write(1, bytes(100));
		try (NatsReplicaClient shop = client("shop"); NatsReplicaClient shopLogs = client("shop/logs")) {
			LtxFileInfo ofShop = shop.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(bytes(200)));
			LtxFileInfo ofLogs = shopLogs.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(bytes(300)));
			assertThat(this.client.listAll().get(0).files()).containsExactly(unprefixed);
			assertThat(shop.listAll().get(0).files()).containsExactly(ofShop);
			assertThat(shopLogs.listAll().get(0).files()).containsExactly(ofLogs);
			shop.delete(List.of(ofShop));
			assertThat(shop.list(0).isEmpty()).isTrue();
			assertThat(read(unprefixed)).isEqualTo(bytes(100));
		}
		assertThat(this.raw.meta("shop/logs/" + FIRST).size()).isEqualTo(300);
	}

	@Test
	@Hazard("S4")
	void aNameThatCannotBeReadSpoilsTheListing() throws Exception {
		write(1, bytes(100));
		this.raw.objectStore().put("notes/ltx/0/x", new byte[1]);
		this.raw.objectStore().put("ltx/readme", new byte[1]);
		assertThat(this.client.list(0).files()).hasSize(1);
		this.raw.objectStore().put("ltx/0/readme", new byte[1]);
		assertThatIOException().isThrownBy(() -> this.client.list(0)).withMessageContaining("'ltx/0/readme'");
	}

	@Test
	@Hazard("S4")
	@Hazard("S5")
	@Hazard("N2")
	void aListingWhileOthersWriteAndDeleteHoldsAllThatStays() throws Exception {
		List<LtxFileInfo> stay = new ArrayList<>();
		for (int i = 1; i <= 1500; i++) {
			stay.add(write(i, bytes(10)));
		}
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (NatsReplicaClient other = client(null)) {
			Future<Integer> churn = executor.submit(() -> {
				int rounds = 0;
				while (!Thread.currentThread().isInterrupted()) {
					List<LtxFileInfo> some = new ArrayList<>();
					for (int i = 0; i < 20; i++) {
						Txid txid = new Txid(10_000 + rounds * 20 + i);
						some.add(other.write(0, txid, txid, TIMESTAMP, source(bytes(10))));
					}
					other.delete(some);
					rounds++;
				}
				return rounds;
			});
			for (int i = 0; i < 40; i++) {
				assertThat(this.client.list(0).files()).containsAll(stay);
			}
			assertThat(churn.isDone()).isFalse();
			executor.shutdownNow();
			assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	@Hazard("N2")
	void largeObjectsAreReadInParallelOnOneConnection() throws Exception {
		int size = 50_000_000;
		byte[] content = bytes(size);
		LtxFileInfo file = this.client.write(9, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(content));
		byte[] digest = ChunkUpload.sha256().digest(content);
		List<Callable<byte[]>> readers = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			readers.add(() -> {
				java.security.MessageDigest read = ChunkUpload.sha256();
				byte[] buffer = new byte[64 * 1024];
				try (InputStream in = this.client.read(file)) {
					for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
						read.update(buffer, 0, count);
					}
				}
				return read.digest();
			});
		}
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			for (Future<byte[]> result : executor.invokeAll(readers)) {
				assertThat(result.get()).isEqualTo(digest);
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(this.server.log()).doesNotContain("Slow Consumer");
	}

	@Test
	@Hazard("S15")
	void readingAndListingLeavesNoConsumerBehind() throws Exception {
		LtxFileInfo file = write(1, bytes(3_000_000));
		for (int i = 0; i < 10; i++) {
			read(file);
			this.client.list(0);
			try (InputStream in = this.client.read(file)) {
				in.readNBytes(10);
			}
		}
		await().until(() -> this.raw.state().getConsumerCount() == 0);
	}

	@Test
	@Hazard("N6")
	@Hazard("S19")
	void aMissingBucketIsRefusedUntilItExists() throws Exception {
		this.raw.deleteBucket();
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(this.client::open)
				.withMessageContaining("`nats object add " + this.raw.bucket.name() + " --storage=file --replicas=1`")
				.withMessageContaining("replica.bucket.create=true");
		}
		this.raw.create();
		this.client.open();
		assertThat(this.client.list(0).isEmpty()).isTrue();
	}

	@Test
	@Hazard("N7")
	@Hazard("S19")
	void aBucketThatVanishesIsNotTakenForMissingFiles() throws Exception {
		LtxFileInfo file = write(1, bytes(10));
		this.raw.deleteBucket();
		List<Callable<?>> calls = List.of(() -> read(file), () -> this.client.listAll(), () -> write(2, bytes(10)),
				() -> {
					this.client.delete(List.of(file));
					return null;
				});
		for (Callable<?> call : calls) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(call::call)
				.withMessageContaining("does not exist");
		}
	}

	@Test
	@Hazard("S2")
	@Hazard("N13")
	void aBucketThatExpiresItsObjectsIsRefused() throws Exception {
		this.raw.deleteBucket();
		this.raw.create(-1, Duration.ofDays(30));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(this.client::open)
			.withMessageContaining("--max-age=0");
	}

	@Test
	void aBucketIsCreatedAsAskedFor() throws Exception {
		String name = this.raw.bucket.name() + "-created";
		NatsBucketOptions wanted = new NatsBucketOptions(true, 1, NatsBucketOptions.Storage.FILE, 5_000_000,
				"Backups of \"the shop\"");
		try (NatsReplicaClient creating = new NatsReplicaClient(
				NatsReplicaUrl.parse(this.server.url(name)).toOptions().bucketOptions(wanted).build())) {
			creating.open();
		}
		try (RawBucket created = new RawBucket(this.server.url(), name)) {
			var status = created.objectStore().getStatus();
			assertThat(status.getMaxBucketSize()).isEqualTo(5_000_000);
			assertThat(status.getDescription()).isEqualTo("Backups of \"the shop\"");
			assertThat(status.getTtl()).isZero();
			created.objectStore().put("x", new byte[10]);
			created.objectStore().delete("x");
		}
	}

	@Test
	void aBucketIsCreatedWithMetadataAndCompressed() throws Exception {
		String name = this.raw.bucket.name() + "-labelled";
		NatsBucketOptions wanted = new NatsBucketOptions(true, 1, NatsBucketOptions.Storage.FILE, -1, null,
				NatsBucketOptions.Placement.ANYWHERE, Map.of("owner", "team \"a\"", "system", "shop"), true);
		try (NatsReplicaClient creating = new NatsReplicaClient(
				NatsReplicaUrl.parse(this.server.url(name)).toOptions().bucketOptions(wanted).build())) {
			creating.open();
			assertThat(creating.condition().findings()).isEmpty();
		}
		try (RawBucket created = new RawBucket(this.server.url(), name)) {
			var status = created.objectStore().getStatus();
			assertThat(status.getMetadata()).containsEntry("owner", "team \"a\"").containsEntry("system", "shop");
			assertThat(status.isCompressed()).isTrue();
		}
	}

	private LtxFileInfo write(long txid, byte[] content) throws IOException {
		return this.client.write(0, new Txid(txid), new Txid(txid), TIMESTAMP, source(content));
	}

	private byte[] read(LtxFileInfo file) throws IOException {
		try (InputStream in = this.client.read(file)) {
			return in.readAllBytes();
		}
	}

	private static LtxFileInfo file(long txid, long size) {
		return new LtxFileInfo(0, new Txid(txid), new Txid(txid), size, TIMESTAMP);
	}

	private ObjectMeta meta(long txid, List<byte[]> chunks) {
		java.security.MessageDigest digest = ChunkUpload.sha256();
		chunks.forEach(digest::update);
		return new ObjectMeta(new ObjectNames(null).of(0, new Txid(txid), new Txid(txid)),
				ObjectMeta.headers(TIMESTAMP), 131072, this.raw.bucket.name(), io.nats.client.NUID.nextGlobal(),
				chunks.stream().mapToLong((chunk) -> chunk.length).sum(), chunks.size(),
				ObjectMeta.digest(digest.digest()), false);
	}

	private static List<byte[]> split(byte[] content, int size) {
		List<byte[]> chunks = new ArrayList<>();
		for (int from = 0; from < content.length; from += size) {
			chunks.add(Arrays.copyOfRange(content, from, Math.min(content.length, from + size)));
		}
		return chunks;
	}

	private static InputStream source(byte[] content) {
		return new ByteArrayInputStream(content);
	}

	private static byte[] bytes(int size) {
		byte[] bytes = new byte[size];
		new Random(size).nextBytes(bytes);
		return bytes;
	}

}
