package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.litestream.ReplicaFinding;
import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Metadata that nobody in his right mind writes: it spoils the listing of the database
 * whose file it should be of, with a sentence that says what to remove, and nothing else.
 */
@NatsServerTest
@Timeout(120)
class StrangeMetadataTests extends NatsBucketFixture {

	private static final String SECOND = new ObjectNames(null).of(0, new Txid(2), new Txid(2));

	StrangeMetadataTests(NatsServer server) throws Exception {
		super(server);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "no JSON", "[]", "{\"name\":\"NAME\",\"size\":18446744073709551626,\"chunks\":1}",
			"{\"name\":\"NAME\",\"size\":1e999999999,\"chunks\":1}",
			"{\"name\":\"NAME\",\"size\":1,\"chunks\":1,\"nuid\":\">\"}",
			"{\"name\":\"ltx/0/0000000000000009-0000000000000009.ltx\",\"size\":1,\"chunks\":1,\"nuid\":\"n\"}",
			"{\"name\":\"NAME\",\"size\":1,\"chunks\":1,\"headers\":{\"Litestream-Timestamp\":[\"9999-12-31T23:59:59Z\"]}}",
			"DEEP" })
	void spoilsItsOwnDatabaseAndSaysWhatToRemove(String json) throws Exception {
		LtxFileInfo first = write(1, bytes(100));
		for (String name : List.of("notes", "other/" + SECOND)) {
			this.raw.putMeta(name, expand(json, name));
		}
		assertThat(this.client.list(0).files()).as("of no concern").containsExactly(first);
		this.raw.putMeta(SECOND, expand(json, SECOND));
		long sequence = this.raw.metaMessage(SECOND).getSeq();
		for (NatsReplicaClient each : List.of(this.client, client(null))) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> each.list(0))
				.withMessageContaining("'" + SECOND + "'")
				.withMessageContaining(this.raw.bucket.meta(SECOND))
				.withMessageContaining("`nats stream rmm " + this.raw.bucket.stream() + " " + sequence + "`");
			assertThat(each.usage().levels()).as("no matter").isNotNull();
		}
		try (NatsReplicaClient third = client("third")) {
			assertThat(third.list(0).files()).isEmpty();
		}
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> read(file(2, 1)))
			.withMessageContaining("nats stream rmm");
		this.raw.management.deleteMessage(this.raw.bucket.stream(), sequence);
		assertThat(this.client.list(0).files()).as("after the cure").containsExactly(first);
		assertThat(read(first)).isEqualTo(bytes(100));
	}

	private static String expand(String json, String name) {
		return json.equals("DEEP") ? "[".repeat(200_000) : json.replace("NAME", name);
	}

	@ParameterizedTest
	@ValueSource(ints = { 10, 300 })
	void noMoreIsReadThanTheMetadataSays(int size) throws Exception {
		LtxFileInfo first = write(1, bytes(100));
		for (int i = 0; i < 60; i++) {
			this.raw.connection.jetStream().publish(this.raw.bucket.chunks("large"), new byte[1_000_000]);
		}
		this.raw.putMeta(SECOND,
				"{\"name\":\"" + SECOND + "\",\"size\":" + size + ",\"chunks\":60,\"nuid\":\"large\"}");
		LtxFileInfo second = file(2, size);
		this.client.list(0);
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> read(second))
			.withMessageContaining("more than the " + size + " bytes");
		assertThatExceptionOfType(CorruptLtxException.class)
			.isThrownBy(() -> this.client.read(second, size - 1, 1).readAllBytes());
		assertThat(read(first)).as("on the same connection").isEqualTo(bytes(100));
	}

	@Test
	@Hazard("S4")
	void deletingRemovesWhatWasAskedForAndNothingElse() throws Exception {
		LtxFileInfo first = write(1, bytes(100));
		LtxFileInfo second = write(2, bytes(200));
		ObjectMeta meta = this.raw.meta(SECOND);
		this.raw.putMeta(FIRST, new String(meta.toJson(), StandardCharsets.UTF_8));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> this.client.delete(List.of(first)))
			.withMessageContaining("'" + SECOND + "'");
		assertThat(read(second)).isEqualTo(bytes(200));
	}

	@Test
	void deletingRemovesNoChunksThatAreNewerThanTheMetadata() throws Exception {
		LtxFileInfo first = write(1, bytes(100));
		String nuid = this.raw.meta(FIRST).nuid();
		this.raw.connection.jetStream().publish(this.raw.bucket.chunks(nuid), new byte[10]);
		this.client.delete(List.of(first));
		assertThat(this.raw.subjects()).containsOnlyKeys("C." + nuid);
		assertThat(this.client.list(0).files()).isEmpty();
	}

	@Test
	void namesOfOthersDoNotBreakTheLinesOfALog() throws Exception {
		String name = "ltx/0/x\nERROR all is lost\u001b[31m";
		this.raw.put(meta(name), List.of(new byte[1]));
		assertThatIOException().isThrownBy(() -> this.client.list(0))
			.satisfies((ex) -> assertOneLine(ex))
			.withMessageContaining("ltx/0/x\\u000aERROR");
		this.raw.purge(this.raw.bucket.allChunks());
		try (NatsReplicaClient fresh = client(null)) {
			fresh.list(0);
			assertThat(fresh.condition().findings()).isNotEmpty()
				.allSatisfy((finding) -> assertThat(finding.message()).doesNotContain("\n", "\u001b"));
		}
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "ltx/0/garbage", "ltx/9/readme.txt", "ltx/3/", "ltx/0/0000000000000000-0000000000000000.ltx",
					"ltx/0/0000000000000002-0000000000000001.ltx", "ltx/0/000000000000000A-000000000000000A.ltx",
					"ltx/0/ltx/0/0000000000000001-0000000000000001.ltx", "ltx/0/x`rm -rf ~`" })
	void aStrangeNameAmongTheFilesIsAnErrorAsLongAsItIsThere(String name) throws Exception {
		LtxFileInfo first = write(1, bytes(100));
		assertThat(this.client.list(0).files()).containsExactly(first);
		this.raw.put(meta(name), List.of(new byte[1]));
		String cure = name.contains("`") ? "`nats object ls " + this.raw.bucket.name() + "`"
				: "`nats object del " + this.raw.bucket.name() + " ltx/";
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> this.client.listAll())
			.withMessageContaining("'" + (name.startsWith("ltx/0/ltx/") ? "ltx/0/ltx/" : name) + "'")
			.withMessageContaining(cure);
		assertThat(this.client.condition().findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.severity()).isEqualTo(ReplicaFinding.Severity.ERROR);
			assertThat(finding.code()).isEqualTo("strange-object");
			assertThat(finding.message()).contains(cure);
		});
		this.raw.purge(this.raw.bucket.meta(name));
		assertThat(this.client.list(0).files()).containsExactly(first);
		assertThat(this.client.condition().findings()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "ltx/garbage,true", "ltx/10/0000000000000001-0000000000000001.ltx,true", "ltx/00/x,true",
			"readme.txt,false", "shop/ltx/0/garbage,false",
			"ltx/shop/ltx/0/0000000000000001-0000000000000001.ltx,false" })
	void whatLiesBesideTheFilesSpoilsNothing(String name, boolean shown) throws Exception {
		LtxFileInfo first = write(1, bytes(100));
		this.raw.put(meta(name), List.of(new byte[1]));
		assertThat(this.client.list(0).files()).containsExactly(first);
		assertThat(this.client.condition().hasErrors()).isFalse();
		if (shown) {
			assertThat(this.client.condition().findings()).singleElement()
				.satisfies((finding) -> assertThat(finding.message()).contains("'" + name + "'", "beside"));
		}
		else {
			assertThat(this.client.condition().findings()).isEmpty();
		}
	}

	private ObjectMeta meta(String name) {
		return new ObjectMeta(name, ObjectMeta.headers(TIMESTAMP), 131072, this.raw.bucket.name(), "n", 1, 1, "",
				false);
	}

	private static void assertOneLine(IOException ex) {
		assertThat(ex.getMessage()).doesNotContain("\n", "\u001b");
	}

}
