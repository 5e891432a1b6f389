package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * The content of objects: cut into chunks by whomever, whole or in part, or missing.
 */
@NatsServerTest
@Timeout(120)
class NatsContentTests extends NatsBucketFixture {

	NatsContentTests(NatsServer server) throws Exception {
		super(server);
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
	void anObjectWithoutSomeOfItsChunksCannotBeRead() throws Exception {
		LtxFileInfo file = write(1, bytes(3_000_000));
		long third = this.raw.state().getFirstSequence() + 2;
		this.raw.management.deleteMessage(this.raw.bucket.stream(), third);
		assertThatIOException().isThrownBy(() -> read(file)).withMessageContaining("22 of its 23 chunks");
		assertThat(read(write(1, bytes(3_000_000)))).as("written again").isEqualTo(bytes(3_000_000));
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

	/** A stream gives what it has, and that is no reason to cut a chunk there. */
	@Test
	@Hazard("S7")
	void aStreamOfShortReadsIsCutIntoFullChunks() throws Exception {
		int txid = 0;
		for (int length : new int[] { 1, 4096, 131071, 131072, 131073, 1_000_000 }) {
			byte[] content = bytes(length);
			for (int available : new int[] { 0, length }) {
				Txid at = new Txid(++txid);
				LtxFileInfo file = this.client.write(0, at, at, TIMESTAMP, new ShortReads(content, available));
				assertThat(this.raw.chunks(new ObjectNames(null).of(0, at, at))).as("chunks of %s bytes", length)
					.containsExactlyElementsOf(split(content, 131072));
				assertThat(read(file)).isEqualTo(content);
			}
		}
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

	/** Gives up to 4096 bytes at a time. */
	private static final class ShortReads extends ByteArrayInputStream {

		private final int available;

		ShortReads(byte[] content, int available) {
			super(content);
			this.available = available;
		}

		@Override
		public int read(byte[] b, int off, int len) {
			return super.read(b, off, Math.min(len, 1 + (this.pos % 4096)));
		}

		@Override
		public int available() {
			return this.available;
		}

	}

}
