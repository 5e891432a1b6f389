package dev.litestream.nats.connection;

import java.util.List;

import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A password or token that anybody on the way can read is warned of, and nothing else is.
 */
class PlaintextSecretTests {

	@ParameterizedTest
	@ValueSource(strings = { "nats://app:s3cret@nats.example:4222/shop", "nats://s3cret@nats.example:4222/shop",
			"nats://app:s3cret@10.0.0.7:4222/shop", "nats://app:s3cret@127.0.0.1:4222,nats.example:4222/shop",
			"nats://app:s3cret@localhost.example:4222/shop", "ws://app:s3cret@nats.example:8080/shop" })
	void isWarnedOfOnceWithTheCure(String url) {
		assertThat(warnings(NatsReplicaUrl.parse(url).toOptions().build())).singleElement()
			.asString()
			.contains("can be read by everybody on the way", "litestream.replica.tls=true")
			.doesNotContain("s3cret");
	}

	@ParameterizedTest
	@ValueSource(strings = { "nats://nats.example:4222/shop", "tls://app:s3cret@nats.example:4222/shop",
			"wss://app:s3cret@nats.example:443/shop", "nats://app:s3cret@localhost:4222/shop",
			"nats://app:s3cret@127.0.0.1:4222/shop", "nats://s3cret@[::1]:4222/shop" })
	void isNotThereToBeReadFromOutside(String url) {
		assertThat(warnings(NatsReplicaUrl.parse(url).toOptions().build())).isEmpty();
	}

	@Test
	void aKeyIsNeverSent() throws Exception {
		TestOperator.Key user = TestOperator.userKey();
		assertThat(warnings(NatsReplicaUrl.parse("nats://nats.example:4222/shop")
			.toOptions()
			.credentials(new NatsCredentials.NKey(user.publicKey, Secret.of(user.seed)))
			.build())).isEmpty();
	}

	/** Of a connection that is about to be made. */
	private static List<String> warnings(NatsReplicaOptions options) {
		try (LoggedLines log = new LoggedLines(SharedConnection.class)) {
			SharedConnection first = SharedConnection.acquire(options.connection());
			SharedConnection.acquire(options.connection()).release();
			first.release();
			return log.warnings();
		}
	}

}
