package dev.litestream.nats.bucket;

import dev.litestream.engine.DamagedReplicaContract;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.junit.jupiter.api.AfterEach;

/**
 * Objects whose content rots in the bucket, while their metadata stays as it is.
 */
@NatsServerTest
class DamagedNatsReplicaTests extends DamagedReplicaContract {

	private static int buckets;

	private final NatsServer server;

	private final RawBucket raw;

	DamagedNatsReplicaTests(NatsServer server) throws Exception {
		this.server = server;
		this.raw = new RawBucket(server.url(), "damaged-" + (++buckets)).create();
	}

	@AfterEach
	void close() throws Exception {
		this.raw.close();
	}

	@Override
	protected ReplicaClient create() {
		return new NatsReplicaClient(NatsReplicaUrl.parse(this.server.url(this.raw.bucket.name())).toOptions().build());
	}

	@Override
	protected void damage(LtxFileInfo file, byte[] content) throws Exception {
		this.raw.damage(new ObjectNames(null).of(file.level(), file.minTxid(), file.maxTxid()), content);
	}

}
