package dev.litestream.nats;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.nats.bucket.RawBucket;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaClientContract;
import dev.litestream.test.NatsCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract of all replicas, in a bucket on three servers.
 */
class ClusterReplicaClientTests extends ReplicaClientContract {

	private static NatsCluster cluster;

	private static int buckets;

	private String bucket = "";

	@BeforeAll
	static void startCluster() {
		cluster = NatsCluster.start();
	}

	@AfterAll
	static void stopCluster() {
		cluster.close();
	}

	@Override
	protected ReplicaClient create() {
		if (this.bucket.isEmpty()) {
			this.bucket = "contract-" + (++buckets);
		}
		return new NatsReplicaClient(NatsReplicaUrl.parse(cluster.url(this.bucket))
			.toOptions()
			.bucketOptions(new NatsBucketOptions(true, 3, NatsBucketOptions.Storage.FILE, -1, null))
			.build());
	}

	@Override
	protected void damage(LtxFileInfo file, byte[] content) throws Exception {
		try (RawBucket raw = new RawBucket(cluster.url(this.bucket).replace("/" + this.bucket, ""), this.bucket)) {
			raw.damage(null, file, content);
		}
	}

}
