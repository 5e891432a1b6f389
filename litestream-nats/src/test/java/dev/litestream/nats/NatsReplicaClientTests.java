package dev.litestream.nats;

import java.util.List;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.nats.bucket.RawBucket;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaClientContract;
import dev.litestream.test.NatsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract of all replicas, in a bucket with Litestream's own names.
 */
class NatsReplicaClientTests extends ReplicaClientContract {

	private static final String PASSWORD = "s3cr3t-pass/word";

	private static NatsServer server;

	private static int buckets;

	private String bucket = "";

	@BeforeAll
	static void startServer() {
		server = NatsServer.builder().config("authorization { user: app, password: \"" + PASSWORD + "\" }").start();
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	protected @Nullable String path() {
		return null;
	}

	@Override
	protected ReplicaClient create() {
		if (this.bucket.isEmpty()) {
			this.bucket = "contract-" + (++buckets);
		}
		return new NatsReplicaClient(NatsReplicaOptions.builder(this.bucket)
			.servers(List.of("127.0.0.1:" + server.port()))
			.path(path())
			.credentials("app", PASSWORD)
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build());
	}

	@Override
	protected List<String> secrets() {
		return List.of(PASSWORD);
	}

	@Override
	protected void damage(LtxFileInfo file, byte[] content) throws Exception {
		try (RawBucket raw = new RawBucket(server.url(), this.bucket, "app", PASSWORD)) {
			raw.damage(path(), file, content);
		}
	}

}
