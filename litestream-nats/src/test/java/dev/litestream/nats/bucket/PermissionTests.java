package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * The permissions that the documentation names are enough, and each of them is needed.
 */
@Timeout(120)
class PermissionTests {

	private static final Instant TIMESTAMP = Instant.parse("2026-11-21T00:16:32.2Z");

	private static final String BUCKET = "shop";

	private static final String ADMIN = "{ user: admin, password: admin }";

	@Test
	void theWritersPermissionsAreEnough() throws Exception {
		try (NatsServer server = server(block("writer"))) {
			createBucket(server);
			try (NatsReplicaClient client = client(server, false)) {
				writeReadAndDelete(client);
			}
			assertThat(server.log()).doesNotContainIgnoringCase("violation");
		}
	}

	@Test
	void aWriterCreatesItsBucketWithOneLineMore() throws Exception {
		String create = block("create").strip();
		try (NatsServer server = server(
				block("writer").replaceFirst("allow: \\[", "allow: [ " + Matcher.quoteReplacement(create)));
				NatsReplicaClient client = client(server, true)) {
			writeReadAndDelete(client);
		}
		try (NatsServer server = server(block("writer")); NatsReplicaClient client = client(server, true)) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(client::open)
				.withMessageContaining("add " + create);
		}
	}

	@Test
	void theReadersPermissionsAreEnoughToRestoreAndForNothingElse() throws Exception {
		try (NatsServer server = server(block("reader"))) {
			createBucket(server);
			LtxFileInfo small;
			LtxFileInfo large;
			try (NatsReplicaClient admin = admin(server)) {
				small = write(admin, 1, 100);
				large = write(admin, 2, 3_000_000);
			}
			try (NatsReplicaClient reader = client(server, false)) {
				assertThat(reader.list(0).files()).containsExactly(small, large);
				readAll(reader, small, large);
				await().until(() -> reader.usage().isKnown());
				assertThat(server.log()).doesNotContainIgnoringCase("violation");
				assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> write(reader, 3, 100))
					.withMessageContaining("add \"$O.shop.C.*\"");
				assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> reader.delete(List.of(small)))
					.withMessageContaining("add \"$JS.API.STREAM.PURGE.OBJ_shop\"");
				assertThat(reader.list(0).files()).containsExactly(small, large);
			}
		}
	}

	/** What the page says of readers that cannot be trusted. */
	@ParameterizedTest
	@CsvSource({ "orders.new, durable_name, 0", "orders.new, name, 0", "$O.other.M.x, durable_name, 2",
			"$JS.API.STREAM.DELETE.OBJ_other, durable_name, 0" })
	void aReaderMakesTheServerSendToSubjectsThatItMayNotPublishTo(String subject, String kind, int stored)
			throws Exception {
		try (NatsServer server = server(block("reader")); NatsReplicaClient admin = admin(server)) {
			createBucket(server);
			write(admin, 1, 100);
			try (RawBucket other = new RawBucket(asAdmin(server), "other");
					Connection reader = Nats.connect(server.url().replace("//", "//app:app@"))) {
				other.create();
				Subscription victim = other.connection.subscribe(subject);
				other.connection.flush(Duration.ofSeconds(10));
				assertThat(consumer(reader, kind, subject)).doesNotContain("error");
				List<String> received = new ArrayList<>();
				for (int i = 0; i < 2; i++) {
					Message message = victim.nextMessage(Duration.ofSeconds(30));
					assertThat(message).isNotNull();
					received.add(message.getSubject());
				}
				assertThat(received).as("under the names that they were stored with")
					.satisfiesExactly((first) -> assertThat(first).startsWith("$O.shop.C."),
							(second) -> assertThat(second).startsWith("$O.shop.M."));
				await().untilAsserted(() -> assertThat(other.messages()).as("in the other bucket, which is still there")
					.isEqualTo(stored));
				reader.publish(subject, new byte[0]);
				reader.flush(Duration.ofSeconds(10));
				await().untilAsserted(() -> assertThat(server.log()).contains("Publish Violation"));
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "$O.shop.M.x", "$O.shop.C.x" })
	void aReaderMakesTheServerSendNothingIntoTheBucketItself(String subject) throws Exception {
		try (NatsServer server = server(block("reader"))) {
			createBucket(server);
			try (Connection reader = Nats.connect(server.url().replace("//", "//app:app@"))) {
				assertThat(consumer(reader, "durable_name", subject)).contains("deliver subject forms a cycle");
			}
		}
	}

	/** What the account of its own is for. */
	@Test
	void aReaderInAnAccountOfItsOwnReachesNobodyThere() throws Exception {
		String config = block("accounts").replace("...", "hush")
			.replace("{ user: reader,", "{ user: bystander, password: \"hush\" }, { user: reader,");
		try (NatsServer server = NatsServer.builder().config(config).start();
				NatsReplicaClient writer = inAccount(server, "writer", null)) {
			write(writer, 1, 100);
			try (Connection reader = Nats.connect(server.url().replace("//", "//reader:hush@"));
					Connection bystander = Nats.connect(server.url().replace("//", "//bystander:hush@"));
					Connection backup = Nats.connect(server.url().replace("//", "//writer:hush@"))) {
				Subscription there = bystander.subscribe("orders.new");
				Subscription here = backup.subscribe("orders.new");
				bystander.flush(Duration.ofSeconds(10));
				backup.flush(Duration.ofSeconds(10));
				Message answer = reader.request("backup.js.CONSUMER.CREATE.OBJ_shop.outward",
						request("durable_name", "orders.new"), Duration.ofSeconds(30));
				assertThat(new String(answer.getData(), StandardCharsets.UTF_8)).doesNotContain("error");
				assertThat(here.nextMessage(Duration.ofSeconds(30))).as("in the account of the bucket").isNotNull();
				// All that the server sent before its answer to this is here.
				bystander.flush(Duration.ofSeconds(10));
				assertThat(there.nextMessage(Duration.ofMillis(1))).as("in its own account").isNull();
			}
		}
	}

	private static String consumer(Connection reader, String kind, String subject) throws Exception {
		Message answer = reader.request("$JS.API.CONSUMER.CREATE.OBJ_shop.outward", request(kind, subject),
				Duration.ofSeconds(30));
		return new String(answer.getData(), StandardCharsets.UTF_8);
	}

	private static byte[] request(String kind, String subject) {
		return ("{\"stream_name\":\"OBJ_shop\",\"config\":{\"" + kind + "\":\"outward\",\"deliver_subject\":\""
				+ subject + "\",\"ack_policy\":\"none\",\"deliver_policy\":\"all\"}}")
			.getBytes(StandardCharsets.UTF_8);
	}

	private static String asAdmin(NatsServer server) {
		return server.url().replace("//", "//admin:admin@");
	}

	@ParameterizedTest
	@ValueSource(strings = { "$O.BUCKET.C.*", "$O.BUCKET.M.*", "$JS.API.STREAM.INFO.OBJ_BUCKET",
			"$JS.API.STREAM.MSG.GET.OBJ_BUCKET", "$JS.API.STREAM.PURGE.OBJ_BUCKET",
			"$JS.API.CONSUMER.CREATE.OBJ_BUCKET.>", "$JS.API.CONSUMER.MSG.NEXT.OBJ_BUCKET.*",
			"$JS.API.DIRECT.GET.OBJ_BUCKET", "$JS.API.DIRECT.GET.OBJ_BUCKET.>", "_INBOX.>" })
	void whatIsMissingIsNamedWithTheLineToAdd(String line) throws Exception {
		String permissions = block("writer");
		String quoted = '"' + line.replace("BUCKET", BUCKET) + '"';
		assertThat(permissions).contains(quoted);
		try (NatsServer server = server(permissions.replace(quoted, "\"nothing\""))) {
			createBucket(server);
			try (NatsReplicaClient admin = admin(server)) {
				write(admin, 1, 100);
			}
			try (NatsReplicaClient client = client(server, false)) {
				assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> writeReadAndDelete(client))
					.withMessageContaining("does not permit its user")
					.withMessageContaining("add " + quoted);
			}
		}
	}

	@Test
	void everyLineOfTheReaderIsOneOfTheWriter() throws Exception {
		Matcher lines = Pattern.compile("\"[^\"]+\"").matcher(block("reader"));
		String writer = block("writer");
		int count = 0;
		while (lines.find()) {
			assertThat(writer).contains(lines.group());
			count++;
		}
		assertThat(count).isEqualTo(9);
	}

	@Test
	void aReaderInAnAccountOfItsOwnReadsByImportsAndCannotWrite() throws Exception {
		try (NatsServer server = NatsServer.builder().config(block("accounts").replace("...", "hush")).start();
				NatsReplicaClient writer = inAccount(server, "writer", null);
				NatsReplicaClient reader = inAccount(server, "reader", "backup.js")) {
			LtxFileInfo small = write(writer, 1, 100);
			LtxFileInfo large = write(writer, 2, 3_000_000);
			assertThat(reader.list(0).files()).containsExactly(small, large);
			readAll(reader, small, large);
			assertThatIOException().isThrownBy(() -> reader.write(0, new Txid(3), new Txid(3), TIMESTAMP,
					new ByteArrayInputStream(new byte[100])));
			assertThat(writer.list(0).files()).containsExactly(small, large);
		}
	}

	@Test
	void aWriterInAnotherAccountNeedsTwoImportsMore() throws Exception {
		String purge = "$JS.API.STREAM.PURGE.OBJ_shop";
		String config = block("accounts").replace("...", "hush")
			.replace("exports: [", "exports: [\n{ service: \"" + purge + "\" }\n{ service: \"$O.shop.>\" }")
			.replace("imports: [",
					"imports: [\n{ service: { account: BACKUP, subject: \"" + purge
							+ "\" }, to: \"backup.js.STREAM.PURGE.OBJ_shop\" }\n"
							+ "{ service: { account: BACKUP, subject: \"$O.shop.>\" } }");
		try (NatsServer server = NatsServer.builder().config(config).start();
				NatsReplicaClient owner = inAccount(server, "writer", null);
				NatsReplicaClient writer = inAccount(server, "reader", "backup.js")) {
			owner.open();
			writeReadAndDelete(writer);
		}
	}

	private static NatsReplicaClient inAccount(NatsServer server, String user, @Nullable String apiPrefix) {
		return new NatsReplicaClient(NatsReplicaUrl.parse(server.url(BUCKET))
			.toOptions()
			.credentials(user, "hush")
			.apiPrefix(apiPrefix)
			.bucketOptions((apiPrefix != null) ? NatsBucketOptions.DEFAULTS : NatsBucketOptions.DEFAULTS.creating())
			.requestTimeout(Duration.ofSeconds(3))
			.build());
	}

	private static void writeReadAndDelete(NatsReplicaClient client) throws Exception {
		client.open();
		client.list(0);
		LtxFileInfo small = write(client, 11, 100);
		LtxFileInfo large = write(client, 12, 3_000_000);
		assertThat(client.list(0).files()).contains(small, large);
		readAll(client, small, large);
		client.delete(List.of(small, large));
		assertThat(client.list(0).files()).doesNotContain(small, large);
	}

	private static void readAll(NatsReplicaClient client, LtxFileInfo small, LtxFileInfo large) throws IOException {
		for (LtxFileInfo file : List.of(small, large)) {
			try (InputStream in = client.read(file)) {
				assertThat(in.readAllBytes()).hasSize((int) file.size());
			}
		}
		try (InputStream in = client.read(large, 1_500_000, 1000)) {
			assertThat(in.readAllBytes()).hasSize(1000);
		}
	}

	private static LtxFileInfo write(NatsReplicaClient client, int txid, int size) throws IOException {
		while (true) {
			try {
				return client.write(0, new Txid(txid), new Txid(txid), TIMESTAMP,
						new ByteArrayInputStream(new byte[size]));
			}
			catch (ReplicaUnavailableException ex) {
				// a slow machine: the outcome is unknown, so once more
			}
		}
	}

	private static NatsServer server(String permissions) {
		return NatsServer.builder()
			.config("authorization { users: [ " + ADMIN + ", { user: app, password: app, " + permissions + " } ] }")
			.start();
	}

	private static void createBucket(NatsServer server) throws Exception {
		try (RawBucket raw = new RawBucket(asAdmin(server), BUCKET)) {
			raw.create();
		}
	}

	private static NatsReplicaClient admin(NatsServer server) {
		return new NatsReplicaClient(
				NatsReplicaUrl.parse(server.url(BUCKET)).toOptions().credentials("admin", "admin").build());
	}

	private static NatsReplicaClient client(NatsServer server, boolean create) {
		NatsReplicaOptions.Builder options = NatsReplicaUrl.parse(server.url(BUCKET))
			.toOptions()
			.credentials("app", "app")
			.requestTimeout(Duration.ofSeconds(20));
		return new NatsReplicaClient(
				(create ? options.bucketOptions(NatsBucketOptions.DEFAULTS.creating()) : options).build());
	}

	/**
	 * A block of the documentation, for this test's bucket.
	 */
	private static String block(String name) throws IOException {
		String page = Files.readString(Path.of("..", "docs", "nats-permissions.md"));
		Matcher block = Pattern.compile("<!-- " + name + " -->\\s+```\\n(.*?)```", Pattern.DOTALL).matcher(page);
		assertThat(block.find()).isTrue();
		return block.group(1).replace("BUCKET", BUCKET);
	}

}
