package dev.litestream.nats.bucket;

import java.util.List;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.connection.NatsCredentials;
import dev.litestream.nats.connection.Secret;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.test.NatsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Limits of servers and accounts that a bucket does not fit into: each says what to do.
 */
@Timeout(60)
class JetStreamLimitsTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "max_bytes_required: true | -1 | 1 | Set litestream.replica.bucket.max-bytes",
					"disk_max_stream_bytes: 1MB | 5000000 | 1 | lower litestream.replica.bucket.max-bytes",
					"max_store: 1MB | 5000000 | 1 | lower litestream.replica.bucket.max-bytes",
					"max_streams: 1 | -1 | 1 | Raise its max_streams",
					"max_store: 1GB | -1 | 3 | set litestream.replica.bucket.replicas=1" })
	void aBucketThatDoesNotFitIsRefusedWithTheCure(String account, long maxBytes, int replicas, String cure)
			throws Exception {
		try (NatsServer server = NatsServer.builder()
			.config("accounts { A { jetstream { max_mem: 1MB, " + account
					+ " }, users: [ { user: app, password: hush } ] } }")
			.start()) {
			if (account.startsWith("max_streams")) {
				try (NatsReplicaClient first = client(server, "first", -1, 1)) {
					first.open();
				}
			}
			try (NatsReplicaClient client = client(server, "second", maxBytes, replicas)) {
				assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(client::open)
					.withMessageStartingWith("Bucket 'second' at nats://127.0.0.1:" + server.port())
					.withMessageContaining(cure);
			}
		}
	}

	private static NatsReplicaClient client(NatsServer server, String bucket, long maxBytes, int replicas) {
		return new NatsReplicaClient(NatsReplicaOptions.builder(bucket)
			.servers(List.of("127.0.0.1:" + server.port()))
			.credentials(new NatsCredentials.UserPassword("app", Secret.of("hush")))
			.bucketOptions(new NatsBucketOptions(true, replicas, NatsBucketOptions.Storage.FILE, maxBytes, null))
			.build());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "500 | 10002 | raise the account's JetStream limits", "503 | 10023 | raise max_file_store",
					"500 | 10047 | Raise max_file_store", "400 | 10113 | Set litestream.replica.bucket.max-bytes",
					"400 | 10005 | replica.bucket.placement", "400 | 10077 | --max-msgs=-1" })
	void codesHaveACure(int status, int code, @Nullable String cure) {
		assertThat(new JetStreamErrorException(status, code, "words of the server")
			.translate(NatsReplicaOptions.builder("shop").build())).isInstanceOf(ReplicaRefusedException.class)
			.hasMessageContaining("Bucket 'shop' at nats://localhost:4222/shop")
			.hasMessageContaining(cure);
	}

}
