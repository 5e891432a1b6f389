package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.litestream.nats.connection.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class ObjectMetaTests {

	private static final String NAME = "ltx/0/0000000000000001-0000000000000001.ltx";

	@Test
	void isWrittenAsLitestreamWritesIt() {
		ObjectMeta meta = new ObjectMeta(NAME, ObjectMeta.headers(Instant.parse("2026-11-21T00:16:32.206Z")), 131072,
				"b1", "K4HKabc", 366, 13, "SHA-256=l89d_-=", false);
		assertThat(new String(meta.toJson(), StandardCharsets.UTF_8)).isEqualTo(
				"{\"name\":\"" + NAME + "\",\"headers\":{\"Litestream-Timestamp\":[\"2026-11-21T00:16:32.206Z\"]},"
						+ "\"options\":{\"max_chunk_size\":131072},\"bucket\":\"b1\",\"nuid\":\"K4HKabc\",\"size\":366,"
						+ "\"mtime\":\"0001-01-01T00:00:00Z\",\"chunks\":13,\"digest\":\"SHA-256=l89d_-=\"}");
	}

	@Test
	void isReadAsItWasWritten() throws Exception {
		ObjectMeta meta = new ObjectMeta("a \"strange\" \\ <name>\n", Map.of("H", List.of("1", "2")), 1, "b", "n",
				Long.MAX_VALUE, 7_000_000_000L, "SHA-256=x", false);
		assertThat(ObjectMeta.parse(meta.toJson())).isEqualTo(meta);
	}

	@Test
	void isReadFromOtherClientsAndTheirTombstones() throws Exception {
		ObjectMeta meta = ObjectMeta.parse(("{\"name\":\"ltx\\/0\\/x\",\"bucket\":\"b\",\"nuid\":\"n\",\"size\":0,"
				+ "\"chunks\":0,\"deleted\":true}")
			.getBytes(StandardCharsets.UTF_8));
		assertThat(meta).isEqualTo(new ObjectMeta("ltx/0/x", Map.of(), 0, "b", "n", 0, 0, "", true));
		Instant stored = Instant.parse("2026-01-01T00:00:00Z");
		assertThat(meta.createdAt(stored)).isEqualTo(stored);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{}", "[]", "null", "{\"name\":\"\"}", "{\"name\":\"x\",\"size\":-1}",
			"{\"name\":\"x\",\"chunks\":-1}", "{\"name\":\"x\",\"options\":{\"max_chunk_size\":-1}}", "{\"name\":\"x" })
	void whatIsNoMetadataIsRefused(String json) {
		assertThatIOException().isThrownBy(() -> ObjectMeta.parse(json.getBytes(StandardCharsets.UTF_8)));
	}

	@ParameterizedTest
	@CsvSource({ "2026-08-19T14:53:00Z,2026-08-19T14:53:00Z", "2026-08-19T14:53:00.100Z,2026-08-19T14:53:00.1Z",
			"2026-08-19T14:53:00.120Z,2026-08-19T14:53:00.12Z", "2026-08-19T14:53:00.123Z,2026-08-19T14:53:00.123Z",
			"2026-08-19T14:53:00.000001Z,2026-08-19T14:53:00.000001Z",
			"2026-08-19T14:53:00.123456789Z,2026-08-19T14:53:00.123456789Z",
			"1969-12-31T23:59:59.5Z,1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z,1970-01-01T00:00:00Z" })
	void timesAreFormattedAsGoDoes(Instant time, String expected) {
		assertThat(ObjectMeta.rfc3339(time)).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "fa-IR", "ar-EG-u-nu-arab", "tr-TR", "hi-IN-u-nu-deva" })
	void metadataIsTheSameInEveryLocale(String locale) throws Exception {
		Locale before = Locale.getDefault();
		Locale.setDefault(Locale.forLanguageTag(locale));
		try {
			Instant time = Instant.parse("2026-08-19T14:53:00.120Z");
			ObjectMeta meta = new ObjectMeta(NAME, ObjectMeta.headers(time), 1, "b\u0001I", "n", 1234567, 1, "", false);
			assertThat(meta.toJson()).asString(StandardCharsets.UTF_8)
				.contains("[\"2026-08-19T14:53:00.12Z\"]", "b\\u0001I", ":1234567,");
			assertThat(ObjectMeta.parse(meta.toJson()).createdAt(Instant.EPOCH)).isEqualTo(time);
		}
		finally {
			Locale.setDefault(before);
		}
	}

	@ParameterizedTest
	@CsvSource({ "2026-08-19T14:53:00.2Z,2026-08-19T14:53:00.200Z",
			"2026-08-19T16:53:00.2+02:00,2026-08-19T14:53:00.200Z" })
	void theTimestampIsRead(String header, Instant expected) throws Exception {
		assertThat(ObjectMeta.parse(withTimestamp(header).toJson()).createdAt(Instant.EPOCH)).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "yesterday", "", "2026-08-19T14:53:00.\u06f1\u06f2Z", "2026-13-19T14:53:00Z" })
	void anUnreadableTimestampIsAnErrorAndNoDate(String header) {
		assertThatIOException().isThrownBy(() -> ObjectMeta.parse(withTimestamp(header).toJson()))
			.withMessageContaining("'" + NAME + "'")
			.withMessageContaining(ObjectMeta.TIMESTAMP_HEADER);
	}

	@Test
	void anUnreadableTimeOfTheServerIsAnErrorAndNoDate() {
		assertThatIOException()
			.isThrownBy(() -> StreamState.of(Json.parse("{\"ts\":\"now\"}".getBytes(StandardCharsets.UTF_8))))
			.withMessageContaining("\"now\"");
	}

	private static ObjectMeta withTimestamp(String header) {
		return new ObjectMeta(NAME, Map.of(ObjectMeta.TIMESTAMP_HEADER, List.of(header)), 1, "b", "n", 1, 1, "", false);
	}

	@Test
	void subjectsAreThoseOfTheObjectStore() {
		Bucket bucket = new Bucket("b1");
		assertThat(bucket.stream()).isEqualTo("OBJ_b1");
		assertThat(bucket.chunks("K4HK")).isEqualTo("$O.b1.C.K4HK");
		assertThat(bucket.meta("a")).as("padded").isEqualTo("$O.b1.M.YQ==");
		assertThat(bucket.meta("??>~~")).as("URL-safe").isEqualTo("$O.b1.M.Pz8-fn4=");
		assertThat(bucket.api("STREAM.INFO")).isEqualTo("$JS.API.STREAM.INFO.OBJ_b1");
	}

}
