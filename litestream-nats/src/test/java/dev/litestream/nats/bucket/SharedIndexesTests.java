package dev.litestream.nats.bucket;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.connection.SharedConnection;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SharedIndexesTests {

	@Test
	void aBucketsIndexIsForgottenWithItsLastUser() throws Exception {
		try (NatsServer server = NatsServer.start(); NatsReplicaClient stays = tenant(server, "stays")) {
			stays.open();
			SharedConnection connection = SharedConnection
				.acquire(NatsReplicaUrl.parse(server.url("stays")).toOptions().build().connection());
			try {
				for (int i = 0; i < 5; i++) {
					try (NatsReplicaClient tenant = tenant(server, "tenant-" + i);
							NatsReplicaClient reader = tenant(server, "tenant-" + i)) {
						tenant.open();
						reader.open();
						assertThat(SharedIndexes.count(connection)).isEqualTo(2);
					}
				}
				assertThat(SharedIndexes.count(connection)).isEqualTo(1);
			}
			finally {
				connection.release();
			}
		}
	}

	private static NatsReplicaClient tenant(NatsServer server, String bucket) {
		return new NatsReplicaClient(NatsReplicaUrl.parse(server.url(bucket))
			.toOptions()
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build());
	}

}
