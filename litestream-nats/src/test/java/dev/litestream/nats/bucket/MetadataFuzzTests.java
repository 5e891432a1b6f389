package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import dev.litestream.Txid;
import dev.litestream.nats.connection.Json;
import dev.litestream.replica.ReplicaClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever somebody writes where a bucket has its metadata, it is read as metadata or as
 * none, and an index takes it in and gives it up again. Inputs are made of metadata by
 * changes like those of a fuzzer, from a seed, so that a failure can be seen again:
 * {@code -Dfuzz.inputs=10000000 -Dfuzz.seed=1}.
 */
@Timeout(3600)
class MetadataFuzzTests {

	private static final long INPUTS = Long.getLong("fuzz.inputs", 50_000);

	private static final long SEED = Long.getLong("fuzz.seed", 20261128);

	private static final int LONGEST = 4000;

	private static final Bucket BUCKET = new Bucket("b");

	private static final Instant STORED = Instant.parse("2026-11-21T00:16:32.2Z");

	private static final ObjectNames NAMES = new ObjectNames(null);

	private static final List<String> WORDS = List.of("{", "}", "[", "]", "[[[[[[[[", "\"", "\\", "\\u", "\\ud800", ",",
			":", "null", "true", "-1", "0", "1e999999999", "1e-999999999", "-9223372036854775808",
			"18446744073709551616", "0.5", "NaN", "9".repeat(80), "\"name\":", "\"nuid\":\">\"", "\"size\":",
			"\"chunks\":4611686018427387904", "\"deleted\":true", "\"options\":{\"max_chunk_size\":2147483647}",
			"\"Litestream-Timestamp\":[\"+999999999-12-31T23:59:59Z\"]", "9999-12-31T23:59:59Z", "1677-01-01T00:00:00Z",
			"ltx/9/", "ltx/0/x", "generations/0123456789abcdef", "\u0000", "\u2028", "\ud83d\ude00", " ");

	@Test
	void anyMetadataIsTakenInAndGivenUpAgain() {
		for (long input = 0; input < INPUTS; input++) {
			long seed = SEED + input;
			Random random = new Random(seed);
			String name = name(random);
			byte[] json = changed(random, valid(name));
			try {
				check(name, json, random);
			}
			catch (Throwable ex) {
				throw new AssertionError("Input of seed " + seed + " on the subject of '" + name + "': "
						+ new String(json, StandardCharsets.UTF_8), ex);
			}
		}
	}

	@Test
	void anyJsonIsAValueOrAnIoException() {
		for (long input = 0; input < INPUTS; input++) {
			long seed = SEED + input;
			byte[] json = changed(new Random(seed), valid("x"));
			try {
				Json.number(Json.parse(json), "size");
			}
			catch (IOException ex) {
				require(!ex.getMessage().isEmpty(), "a reason");
			}
			catch (Throwable ex) {
				throw new AssertionError("Input of seed " + seed + ": " + new String(json, StandardCharsets.UTF_8), ex);
			}
		}
	}

	private static void check(String name, byte[] json, Random random) {
		ObjectMeta meta = ObjectMeta.of(BUCKET, BUCKET.meta(name), 1, json);
		require(meta.name().equals(name), "the subject's name");
		require(meta.size() >= 0 && meta.chunks() >= 0, "no size or count below zero");
		require(ObjectMeta.isNuid(meta.nuid()), "no wildcard in a subject");
		IndexedObjects objects = new IndexedObjects("bucket");
		require(!objects.put(meta, STORED, random.nextBoolean()) && objects.count() == 1, "taken in once");
		int level = random.nextInt(ReplicaClient.LEVELS);
		try {
			require(objects.list(NAMES, level).files().size() <= 1, "one file at most");
			objects.requireNoLegacyBackup(NAMES, "nats://here/b");
		}
		catch (IOException ex) {
			require(ex.getMessage().chars().noneMatch(Character::isISOControl), "messages of one line");
		}
		require(objects.bytes(NAMES, level) >= 0, "no bytes below zero");
		require(objects.put(meta, STORED, true), "replaced by itself");
		require(objects.remove(name) && objects.count() == 0, "given up again");
	}

	private static void require(boolean condition, String what) {
		if (!condition) {
			throw new AssertionError("There has to be " + what);
		}
	}

	private static String name(Random random) {
		Txid txid = new Txid(1 + random.nextInt(3));
		return switch (random.nextInt(5)) {
			case 0 -> "notes/" + random.nextInt();
			case 1 -> "ltx/0/notes\n";
			case 2 -> "generations/0123456789abcdef/snapshots/x";
			default -> NAMES.of(random.nextInt(ReplicaClient.LEVELS), txid, txid);
		};
	}

	private static byte[] valid(String name) {
		return new ObjectMeta(name, Map.of(ObjectMeta.TIMESTAMP_HEADER, List.of("2026-11-21T00:16:32.206Z")), 131072,
				"b", "K4HKabc", 366, 13, "SHA-256=l89d_-=", false)
			.toJson();
	}

	/**
	 * One to six changes: single bits, pieces cut out, repeated or put elsewhere, words.
	 */
	private static byte[] changed(Random random, byte[] valid) {
		byte[] json = valid;
		for (int change = 1 + random.nextInt(6); change > 0; change--) {
			int at = random.nextInt(json.length + 1);
			int end = Math.min(json.length, at + 1 + random.nextInt(20));
			json = switch (random.nextInt(6)) {
				case 0 -> flipped(json, at, random.nextInt(8));
				case 1 -> joined(json, at, new byte[0], end);
				case 2 -> joined(json, end, piece(json, at, end), end);
				case 3 -> joined(json, at, word(random), end);
				case 4 -> joined(json, at, word(random), at);
				default -> joined(json, at, piece(json, random.nextInt(at + 1), at), at);
			};
			if (json.length > LONGEST) {
				json = piece(json, 0, LONGEST);
			}
		}
		return json;
	}

	private static byte[] word(Random random) {
		String word = WORDS.get(random.nextInt(WORDS.size()));
		return word.repeat((random.nextInt(10) == 0) ? 1 + random.nextInt(200) : 1).getBytes(StandardCharsets.UTF_8);
	}

	private static byte[] flipped(byte[] json, int at, int bit) {
		byte[] flipped = json.clone();
		if (at < flipped.length) {
			flipped[at] ^= (byte) (1 << bit);
		}
		return flipped;
	}

	private static byte[] piece(byte[] json, int from, int to) {
		return Arrays.copyOfRange(json, from, to);
	}

	/** What lies before one place, other bytes, and what lies behind another place. */
	private static byte[] joined(byte[] json, int before, byte[] other, int behind) {
		byte[] joined = new byte[before + other.length + json.length - behind];
		System.arraycopy(json, 0, joined, 0, before);
		System.arraycopy(other, 0, joined, before, other.length);
		System.arraycopy(json, behind, joined, before + other.length, json.length - behind);
		return joined;
	}

}
