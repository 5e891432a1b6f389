package dev.litestream.nats.interop;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StreamConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * More than a thousand files at once. nats-server allows 1000 consumers for a stream that
 * does not say otherwise, and Litestream opens one for every file of a restore.
 */
@NatsServerTest
class ManyFilesTests {

	/**
	 * More than the limit, and not many more: Litestream opens all of them before it
	 * reads the first, which has to be read within five seconds then, or it begins again.
	 */
	private static final int FILES = 1100;

	private static final int PAGE_SIZE = 4096;

	/** The header field of {@code PRAGMA user_version}. */
	private static final int USER_VERSION = 60;

	@TempDir
	Path directory;

	private byte[] database;

	@BeforeEach
	void createDatabase() throws Exception {
		Path file = this.directory.resolve("data/app.db");
		try (Application app = Application.create(file, PAGE_SIZE)) {
			app.execute("CREATE TABLE t(body)", "INSERT INTO t VALUES (randomblob(3500))");
		}
		this.database = Files.readAllBytes(file);
	}

	@Test
	void litestreamRestoresThemFromABucketThatWeCreated(NatsServer server) throws Exception {
		try (ReplicaBucket bucket = new ReplicaBucket(server, "many-created", this.directory)) {
			write(bucket.client(), FILES);
			Path restored = bucket.restoredByLitestream();
			assertThat(userVersion(restored)).isEqualTo(FILES);
			Databases.sameContent(bucket.restoredByUs(), restored);
		}
	}

	@Test
	void weRestoreThemFromABucketWithTheServersDefaults(NatsServer server) throws Exception {
		createWithDefaults(server, "many-default");
		try (ReplicaBucket bucket = new ReplicaBucket(server, "many-default", this.directory)) {
			write(bucket.client(), FILES);
			assertThatIllegalStateException().isThrownBy(bucket::restoredByLitestream)
				.withMessageContaining("maximum consumers limit reached");
			Path restored = bucket.next("ours");
			assertThat(bucket.restore(restored, RestoreTarget.LATEST).files()).isEqualTo(FILES);
			assertThat(userVersion(restored)).isEqualTo(FILES);
			allowMoreConsumers(server, "many-default");
			Databases.sameContent(bucket.restoredByLitestream(), restored);
		}
	}

	/** As {@code nats stream edit} does. */
	private static void allowMoreConsumers(NatsServer server, String bucket) throws Exception {
		try (Connection connection = Nats.connect(server.url())) {
			StreamConfiguration current = connection.jetStreamManagement()
				.getStreamInfo("OBJ_" + bucket)
				.getConfiguration();
			connection.jetStreamManagement()
				.updateStream(StreamConfiguration.builder(current).maxConsumers(100_000).build());
		}
	}

	@Test
	void weRestoreThemInSeveralChunksEachToo(NatsServer server) throws Exception {
		createWithDefaults(server, "many-chunked");
		try (ReplicaBucket bucket = new ReplicaBucket(server, "many-chunked", this.directory);
				NatsReplicaClient chunked = new NatsReplicaClient(
						NatsReplicaUrl.parse(bucket.url()).toOptions().chunkSize(1024).build())) {
			write(chunked, 1500);
			assertThat(userVersion(bucket.restoredByUs())).isEqualTo(1500);
		}
	}

	@Test
	void aBucketIsCreatedInAnAccountThatAllowsFewer() throws Exception {
		try (NatsServer limited = NatsServer.builder()
			.config("accounts { A { jetstream { max_consumers: 50 }, users: [ { user: app, password: secret } ] } }")
			.start();
				NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(limited.url("few"))
					.toOptions()
					.credentials("app", "secret")
					.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
					.build())) {
			client.open();
			write(client, 100);
			assertThat(client.list(0).files()).hasSize(100);
		}
	}

	/** As {@code nats object add} does. */
	private static void createWithDefaults(NatsServer server, String bucket) throws Exception {
		try (Connection connection = Nats.connect(server.url())) {
			connection.objectStoreManagement().create(ObjectStoreConfiguration.builder(bucket).build());
		}
	}

	/** A history in which every file but the first one sets the user version. */
	private void write(NatsReplicaClient client, int files) throws Exception {
		client.write(0, Txid.FIRST, Txid.FIRST, Instant.EPOCH, new ByteArrayInputStream(ltx(1)));
		ExecutorService executor = Executors.newFixedThreadPool(8);
		try {
			List<Future<Object>> writes = LongStream.rangeClosed(2, files)
				.mapToObj((txid) -> executor.submit(() -> (Object) client.write(0, new Txid(txid), new Txid(txid),
						Instant.EPOCH, new ByteArrayInputStream(ltx(txid)))))
				.toList();
			for (Future<Object> write : writes) {
				write.get();
			}
		}
		finally {
			executor.shutdown();
		}
	}

	private byte[] ltx(long txid) throws IOException {
		long commit = this.database.length / PAGE_SIZE;
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		LtxHeader header = new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, commit, new Txid(txid), new Txid(txid), txid,
				0, 0, 0, 0, 0, 0);
		try (LtxWriter writer = new LtxWriter(out, header)) {
			byte[] first = Arrays.copyOf(this.database, PAGE_SIZE);
			ByteBuffer.wrap(first).putInt(USER_VERSION, (int) txid);
			writer.writePage(1, first, 0);
			if (txid == 1) {
				for (int pgno = 2; pgno <= commit; pgno++) {
					writer.writePage(pgno, this.database, (pgno - 1) * PAGE_SIZE);
				}
			}
			else {
				writer.writePage(commit, filled(txid), 0);
			}
			writer.finish();
		}
		return out.toByteArray();
	}

	/** A page that does not get smaller. */
	private static byte[] filled(long txid) {
		byte[] page = new byte[PAGE_SIZE];
		new Random(txid).nextBytes(page);
		return page;
	}

	private static int userVersion(Path file) throws IOException {
		return ByteBuffer.wrap(Files.readAllBytes(file)).getInt(USER_VERSION);
	}

}
