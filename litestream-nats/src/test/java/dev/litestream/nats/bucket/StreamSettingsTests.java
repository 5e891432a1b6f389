package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import dev.litestream.ReplicaFinding;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.connection.Json;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import io.nats.client.support.JsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Streams of a bucket's name that would acknowledge objects and lose them, or that hold
 * something else.
 */
@NatsServerTest
@Timeout(60)
class StreamSettingsTests {

	private static int buckets;

	private final NatsServer server;

	private final String bucket = "settings-" + (++buckets);

	StreamSettingsTests(NatsServer server) {
		this.server = server;
	}

	@Test
	void aStreamThatCannotBeReadIsAnErrorOfTheServers() throws Exception {
		JsonValue info = Json
			.parse("{\"config\":{\"name\":\"OBJ_b\"},\"created\":\"now\"}".getBytes(StandardCharsets.UTF_8));
		assertThatIOException().isThrownBy(() -> StreamSettings.of(info)).withMessageContaining("cannot be read");
	}

	@ParameterizedTest
	@Hazard("S2")
	@CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
			"\"mirror\":{\"name\":\"OBJ_app\"},\"mirror_direct\":true | 'OBJ_app' | is a mirror of stream 'OBJ_app'",
			"SUBJECTS,\"sources\":[{\"name\":\"OBJ_app\"}] | takes in messages of stream 'OBJ_app' | use a bucket of its own",
			"SUBJECTS,\"max_msgs_per_subject\":2 | keeps 2 messages of a subject only | --max-msgs-per-subject=-1",
			"SUBJECTS,\"retention\":\"interest\" | removes messages that nobody waits for | use a bucket with --retention=limits",
			"SUBJECTS,\"retention\":\"workqueue\" | removes messages once they are read | use a bucket with --retention=limits",
			"SUBJECTS,\"no_ack\":true | acknowledges nothing | --ack",
			"\"subjects\":[\"$O.BUCKET.C.>\",\"$O.BUCKET.M.>\",\"orders.>\"] | takes messages of 'orders.>' too | --subjects",
			"\"subjects\":[\"$O.BUCKET.M.>\"] | does not take '$O.BUCKET.C.>' | --subjects",
			"SUBJECTS,\"subject_transform\":{\"src\":\"$O.BUCKET.M.*\",\"dest\":\"other.{{wildcard(1)}}\"} | stores messages under other subjects | use a bucket without",
			"SUBJECTS,\"subject_delete_marker_ttl\":3600000000000,\"allow_msg_ttl\":true | leaves markers | use a bucket without" })
	void aStreamThatWouldLoseObjectsIsRefused(String settings, String fault, String cure) throws Exception {
		try (RawBucket app = new RawBucket(this.server.url(), "app")) {
			if (!app.connection.objectStoreManagement().getBucketNames().contains("app")) {
				app.create();
			}
			create(app, settings);
		}
		try (NatsReplicaClient client = client()) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(client::listAll)
				.withMessageContaining("Bucket '" + this.bucket + "' at ")
				.withMessageContaining(named(fault))
				.withMessageContaining(named(cure));
		}
	}

	@Test
	void aLimitOfMessagesIsReportedBeforeItIsReached() throws Exception {
		try (RawBucket raw = new RawBucket(this.server.url(), this.bucket)) {
			create(raw, "SUBJECTS,\"max_msgs\":10");
		}
		try (NatsReplicaClient client = client()) {
			client.open();
			assertThat(client.condition().findings()).singleElement().satisfies((finding) -> {
				assertThat(finding.severity()).isEqualTo(ReplicaFinding.Severity.WARNING);
				assertThat(finding.message()).contains("takes 10 messages at most", "--max-msgs=-1");
			});
		}
	}

	@Test
	@Hazard("S19")
	void messagesOfAnotherBucketAreNotTakenForAnEmptyOne() throws Exception {
		try (RawBucket raw = new RawBucket(this.server.url(), this.bucket)) {
			create(raw, "\"subjects\":[\"" + this.bucket + ".>\"]");
			raw.connection.jetStream().publish(this.bucket + ".x", new byte[1]);
			// as a mirror that was made a stream of its own
			request(raw, "UPDATE", "SUBJECTS");
		}
		try (NatsReplicaClient client = client()) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(client::listAll)
				.withMessageContaining("holds messages of other subjects ('" + this.bucket + ".x')");
		}
	}

	@Test
	void anObjectStoreOfTheClientLibraryIsUsedWithoutFindings() throws Exception {
		try (RawBucket raw = new RawBucket(this.server.url(), this.bucket)) {
			raw.create();
			raw.objectStore().put("other", new byte[10]);
		}
		try (NatsReplicaClient client = client()) {
			client.open();
			assertThat(client.condition().findings()).isEmpty();
		}
	}

	private NatsReplicaClient client() {
		return new NatsReplicaClient(NatsReplicaUrl.parse(this.server.url(this.bucket)).toOptions().build());
	}

	private void create(RawBucket raw, String settings) throws Exception {
		request(raw, "CREATE", settings);
	}

	private void request(RawBucket raw, String verb, String settings) throws Exception {
		String subjects = "\"subjects\":[\"$O.BUCKET.C.>\",\"$O.BUCKET.M.>\"]";
		String json = named("{\"name\":\"OBJ_BUCKET\",\"storage\":\"file\",\"num_replicas\":1,\"discard\":\"new\","
				+ "\"allow_direct\":true,\"allow_rollup_hdrs\":true," + settings.replace("SUBJECTS", subjects) + "}");
		JsonValue answer = Json.parse(raw.connection
			.request("$JS.API.STREAM." + verb + ".OBJ_" + this.bucket, json.getBytes(StandardCharsets.UTF_8))
			.get(10, TimeUnit.SECONDS)
			.getData());
		if (Json.member(answer, "error") != null) {
			throw new IOException(answer.toJson());
		}
	}

	private String named(String text) {
		return text.replace("BUCKET", this.bucket);
	}

}
