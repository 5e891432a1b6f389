package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import io.nats.client.api.MessageInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Small files whose chunk and metadata are sent together, and what can part them.
 * {@link NatsFaultTests} loses the connection between them.
 */
@Timeout(120)
class ChainedPutTests extends NatsBucketFixture {

	private static final NatsServer nats = NatsServer.start();

	ChainedPutTests() throws Exception {
		super(nats);
	}

	@AfterAll
	static void stop() {
		nats.close();
	}

	@Test
	void metadataOfASmallFileDependsOnItsChunk() throws Exception {
		this.client.open();
		LtxFileInfo file = write(1, bytes(500));
		MessageInfo meta = this.raw.metaMessage(FIRST);
		String nuid = this.raw.meta(FIRST).nuid();
		assertThat(meta.getHeaders().getFirst("Nats-Expected-Last-Msg-Id")).isEqualTo(nuid);
		MessageInfo chunk = this.raw.management.getMessage(this.raw.stream(), meta.getSeq() - 1);
		assertThat(chunk.getSubject()).isEqualTo(this.raw.bucket.chunks(nuid));
		assertThat(chunk.getHeaders().getFirst("Nats-Msg-Id")).isEqualTo(nuid);
		assertThat(this.client.list(0).files()).containsExactly(file);
		assertThat(read(file)).isEqualTo(bytes(500));
		try (NatsReplicaClient another = client(null)) {
			another.open();
			assertThat(another.list(0).files()).containsExactly(file);
		}
	}

	@Test
	@Hazard("S6")
	void metadataOfARefusedChunkIsRefusedToo() throws Exception {
		this.raw.deleteBucket();
		this.raw.create(2000, Duration.ZERO);
		this.client.open();
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> write(1, bytes(3000)))
			.withMessageContaining("full");
		assertThat(this.raw.subjects()).as("although it would have fitted").isEmpty();
		LtxFileInfo file = write(1, bytes(200));
		assertThat(read(file)).isEqualTo(bytes(200));
	}

	@Test
	void nameThatExistsIsNotReplaced() throws Exception {
		this.client.open();
		LtxFileInfo file = write(1, bytes(500));
		assertThat(write(1, bytes(500))).as("with the same content").isEqualTo(file);
		assertThatExceptionOfType(LtxConflictException.class).isThrownBy(() -> write(1, bytes(501)));
		assertThat(read(file)).isEqualTo(bytes(500));
		awaitPurged();
	}

	/** Then the metadata goes by itself. */
	@Test
	@Hazard("S6")
	void messageInBetweenDoesNoHarm() throws Exception {
		try (FaultyProxy proxy = new FaultyProxy(nats.port()); NatsReplicaClient client = behind(proxy)) {
			client.open();
			proxy.before(".M.", () -> {
				awaitChunk();
				this.raw.publishChunk("another");
			});
			LtxFileInfo file = client.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(bytes(500)));
			assertThat(proxy.hasHappened()).isTrue();
			assertThat(this.raw.metaMessage(FIRST).getHeaders().containsKey("Nats-Expected-Last-Msg-Id")).isFalse();
			assertThat(this.raw.messages()).isEqualTo(3);
			this.client.open();
			assertThat(this.client.list(0).files()).containsExactly(file);
			assertThat(read(file)).isEqualTo(bytes(500));
		}
	}

	/** A writer that lost its connection comes back and finishes what it had begun. */
	@Test
	@Hazard("S6")
	void fileOfAnotherThatComesInBetweenIsKept() throws Exception {
		this.client.open();
		try (FaultyProxy proxy = new FaultyProxy(nats.port()); NatsReplicaClient client = behind(proxy)) {
			client.open();
			proxy.before(".M.", () -> {
				awaitChunk();
				try {
					write(1, bytes(400));
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			});
			assertThatExceptionOfType(LtxConflictException.class)
				.isThrownBy(() -> client.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(bytes(500))));
			assertThat(proxy.hasHappened()).isTrue();
			assertThat(read(file(1, 400))).isEqualTo(bytes(400));
			awaitPurged();
		}
	}

	/** On one connection, as databases of one application are. */
	@Test
	void databasesOfOneBucketDoNotPartEachOthersFiles() throws Exception {
		List<NatsReplicaClient> clients = List.of(client("a"), client("b"), client("c"));
		ExecutorService threads = Executors.newFixedThreadPool(clients.size());
		try {
			List<Future<List<LtxFileInfo>>> written = new ArrayList<>();
			for (NatsReplicaClient client : clients) {
				client.open();
				written.add(threads.submit((Callable<List<LtxFileInfo>>) () -> writeMany(client)));
			}
			for (int i = 0; i < clients.size(); i++) {
				List<LtxFileInfo> files = written.get(i).get();
				assertThat(clients.get(i).list(0).files()).containsExactlyElementsOf(files);
				for (LtxFileInfo file : files) {
					try (var in = clients.get(i).read(file)) {
						assertThat(in.readAllBytes()).isEqualTo(bytes((int) file.size()));
					}
				}
			}
			assertThat(this.raw.messages()).as("a chunk and its metadata each").isEqualTo(3 * 200 * 2);
		}
		finally {
			threads.shutdownNow();
			clients.forEach(NatsReplicaClient::close);
		}
	}

	/** Nobody waits for the answer when chunks of a refused file are purged. */
	private void awaitPurged() {
		await()
			.untilAsserted(() -> assertThat(this.raw.subjects()).as("a chunk and the metadata of the file that is kept")
				.hasSize(2));
	}

	/** What was sent before on another connection may be stored later. */
	private void awaitChunk() {
		await().until(() -> this.raw.messages() == 1);
	}

	private NatsReplicaClient behind(FaultyProxy proxy) {
		return new NatsReplicaClient(NatsReplicaUrl.parse(proxy.url(this.raw.bucket.name())).toOptions().build());
	}

	private static List<LtxFileInfo> writeMany(NatsReplicaClient client) throws IOException {
		List<LtxFileInfo> files = new ArrayList<>();
		for (int i = 1; i <= 200; i++) {
			files.add(client.write(0, new Txid(i), new Txid(i), TIMESTAMP, source(bytes(100 + i))));
		}
		return files;
	}

}
