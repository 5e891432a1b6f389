package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.test.NatsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A bucket of its own for each test, read and written by us and behind our back.
 */
abstract class NatsBucketFixture {

	static final Instant TIMESTAMP = Instant.parse("2026-11-21T00:16:32.2Z");

	static final String FIRST = "ltx/0/0000000000000001-0000000000000001.ltx";

	static int buckets;

	final NatsServer server;

	final RawBucket raw;

	final NatsReplicaClient client;

	NatsBucketFixture(NatsServer server) throws Exception {
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

	NatsReplicaClient client(@Nullable String path) {
		return new NatsReplicaClient(NatsReplicaUrl.parse(this.server.url(this.raw.bucket.name()))
			.toOptions()
			.path(path)
			.requestTimeout(Duration.ofSeconds(5))
			.build());
	}

	void assertPartsEqual(LtxFileInfo file, byte[] content) throws IOException {
		for (int[] part : new int[][] { { 0, 10 }, { 131071, 2 }, { 131072, 131072 }, { 1_500_000, 300_000 },
				{ 20 * 131072 - 1, 2 }, { 20 * 131072, 5000 }, { content.length - 1, 1 }, { content.length, 0 },
				{ 1_000_000, content.length - 1_000_000 } }) {
			try (InputStream in = this.client.read(file, part[0], part[1])) {
				assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, part[0], part[0] + part[1]));
			}
		}
	}

	LtxFileInfo write(long txid, byte[] content) throws IOException {
		return this.client.write(0, new Txid(txid), new Txid(txid), TIMESTAMP, source(content));
	}

	byte[] read(LtxFileInfo file) throws IOException {
		try (InputStream in = this.client.read(file)) {
			return in.readAllBytes();
		}
	}

	static LtxFileInfo file(long txid, long size) {
		return new LtxFileInfo(0, new Txid(txid), new Txid(txid), size, TIMESTAMP);
	}

	ObjectMeta meta(long txid, List<byte[]> chunks) {
		java.security.MessageDigest digest = ChunkUpload.sha256();
		chunks.forEach(digest::update);
		return new ObjectMeta(new ObjectNames(null).of(0, new Txid(txid), new Txid(txid)),
				ObjectMeta.headers(TIMESTAMP), 131072, this.raw.bucket.name(), io.nats.client.NUID.nextGlobal(),
				chunks.stream().mapToLong((chunk) -> chunk.length).sum(), chunks.size(),
				ObjectMeta.digest(digest.digest()), false);
	}

	static List<byte[]> split(byte[] content, int size) {
		List<byte[]> chunks = new ArrayList<>();
		for (int from = 0; from < content.length; from += size) {
			chunks.add(Arrays.copyOfRange(content, from, Math.min(content.length, from + size)));
		}
		return chunks;
	}

	static InputStream source(byte[] content) {
		return new ByteArrayInputStream(content);
	}

	static byte[] bytes(int size) {
		byte[] bytes = new byte[size];
		new Random(size).nextBytes(bytes);
		return bytes;
	}

}
