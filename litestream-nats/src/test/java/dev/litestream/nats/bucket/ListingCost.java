package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.LtxListing;
import dev.litestream.restore.RestorePlanner;
import dev.litestream.test.NatsServer;
import dev.litestream.test.Tools;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Prints what looking at a bucket costs, by objects that are there and objects that were
 * there once, beside the litestream program. A measurement, not part of the build: run
 * {@code bin/bucket-cost}.
 */
class ListingCost {

	private static final Instant TIMESTAMP = Instant.parse("2026-11-21T00:16:32.2Z");

	private static final int RUNS = 5;

	/** The program is ended after so long. */
	private static final Duration LONG = Duration.ofSeconds(60);

	@TempDir
	Path directory;

	@Test
	@Timeout(600)
	void measure() throws Exception {
		try (NatsServer server = NatsServer.start()) {
			System.out.println("cost | bucket | start: first look | compaction: levels 0 and 1 | retention: level 0"
					+ " | restore: first look and plan | litestream ltx | litestream restore until its plan");
			measure(server, "1,000 objects", 1000, 0, false);
			measure(server, "1,000 objects, 99,000 compacted away by us", 1000, 99_000, false);
			measure(server, "1,000 objects, 99,000 compacted away by Litestream", 1000, 99_000, true);
			measure(server, "100,000 objects", 100_000, 0, false);
		}
	}

	private void measure(NatsServer server, String title, int live, int gone, boolean tombstones) throws Exception {
		String name = "cost-" + live + "-" + gone + "-" + tombstones;
		try (RawBucket raw = new RawBucket(server.url(), name).create()) {
			fill(raw, gone, live, tombstones);
			String url = server.url(name);
			long first = median(() -> {
				try (NatsReplicaClient client = client(url)) {
					client.open();
					return nanos(client::listAll);
				}
			});
			long plan = median(() -> {
				try (NatsReplicaClient client = client(url)) {
					client.open();
					return nanos(() -> new RestorePlanner(url, client.listAll(), Set.of()).plan(RestoreTarget.LATEST));
				}
			});
			long compaction;
			long retention;
			try (NatsReplicaClient client = client(url)) {
				assertThat(client.list(0).files()).hasSize(live - 1);
				int[] next = { gone + live };
				compaction = median(() -> {
					write(client, ++next[0]);
					return nanos(() -> List.of(client.list(0), client.list(1)));
				});
				retention = median(() -> {
					LtxFileInfo written = write(client, ++next[0]);
					client.delete(List.of(written));
					return nanos(() -> client.list(0));
				});
			}
			System.out.printf(Locale.ROOT, "cost | %s | %s | %s | %s | %s | %s | %s%n", title, millis(first),
					millis(compaction), millis(retention), millis(plan), program("ltx", "-level", "0", url),
					program("restore", "-o", this.directory.resolve(name + ".db").toString(), url));
			if (live == 100_000) {
				System.out.printf(Locale.ROOT, "cost | memory of the index of %,d objects: %,d bytes%n", live,
						memory(url));
			}
			raw.deleteBucket();
		}
	}

	/** A snapshot, then files that follow each other; what is gone came before them. */
	private static void fill(RawBucket raw, int gone, int live, boolean tombstones) throws Exception {
		Deque<CompletableFuture<PublishAck>> sent = new ArrayDeque<>();
		ObjectNames names = new ObjectNames(null);
		for (int i = 1; tombstones && i <= gone; i++) {
			String name = names.of(0, new Txid(i), new Txid(i));
			publish(raw, sent, name, "{\"name\":\"" + name + "\",\"bucket\":\"" + raw.bucket.name() + "\",\"nuid\":\"g"
					+ i + "\",\"size\":0,\"chunks\":0,\"deleted\":true,\"options\":{}}");
		}
		for (int i = 1; !tombstones && i <= gone; i++) {
			putFile(raw, sent, 0, new Txid(i), new Txid(i));
		}
		settle(sent);
		// what retention leaves of them: nothing
		raw.purge(raw.bucket.allChunks());
		if (!tombstones) {
			raw.purge(raw.bucket.allMeta());
		}
		putFile(raw, sent, 9, Txid.FIRST, new Txid(gone + 1));
		for (int i = 2; i <= live; i++) {
			putFile(raw, sent, 0, new Txid(gone + i), new Txid(gone + i));
		}
		settle(sent);
	}

	private static void putFile(RawBucket raw, Deque<CompletableFuture<PublishAck>> sent, int level, Txid min, Txid max)
			throws Exception {
		byte[] content = new byte[300];
		String name = new ObjectNames(null).of(level, min, max);
		String nuid = "n" + max + "-" + level;
		ObjectMeta meta = new ObjectMeta(name, ObjectMeta.headers(TIMESTAMP), 131072, raw.bucket.name(), nuid,
				content.length, 1, "SHA-256=" + "x".repeat(44), false);
		sent.add(raw.connection.jetStream().publishAsync(raw.bucket.chunks(nuid), content));
		publish(raw, sent, name, new String(meta.toJson(), StandardCharsets.UTF_8));
	}

	private static void settle(Deque<CompletableFuture<PublishAck>> sent) throws Exception {
		while (!sent.isEmpty()) {
			sent.remove().get(30, TimeUnit.SECONDS);
		}
	}

	private static void publish(RawBucket raw, Deque<CompletableFuture<PublishAck>> sent, String name, String json)
			throws Exception {
		while (sent.size() > 1000) {
			sent.remove().get(30, TimeUnit.SECONDS);
		}
		sent.add(raw.connection.jetStream()
			.publishAsync(raw.bucket.meta(name), new Headers().put("Nats-Rollup", "sub"),
					json.getBytes(StandardCharsets.UTF_8)));
	}

	private static long memory(String url) throws IOException {
		try (NatsReplicaClient client = client(url)) {
			client.open();
			long before = used();
			LtxListing listing = client.list(1);
			long after = used();
			assertThat(listing.files()).isEmpty();
			return after - before;
		}
	}

	private static long used() {
		for (int i = 0; i < 5; i++) {
			System.gc();
		}
		return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
	}

	/** Its content is no database, so a restore ends once it has its plan. */
	private static String program(String... arguments) throws Exception {
		Path output = Files.createTempFile("litestream-cost", ".txt");
		String[] command = new String[arguments.length + 1];
		command[0] = Tools.litestream().toString();
		System.arraycopy(arguments, 0, command, 1, arguments.length);
		try {
			long first = run(command, output);
			if (first > LONG.toNanos()) {
				return "over " + LONG.toSeconds() + " s";
			}
			return millis(median(() -> run(command, output)));
		}
		finally {
			Files.delete(output);
		}
	}

	/** Takes longer than {@link #LONG} if it had to be ended. */
	private static long run(String[] command, Path output) throws Exception {
		long start = System.nanoTime();
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
		if (!process.waitFor(LONG.toNanos(), TimeUnit.NANOSECONDS)) {
			process.destroyForcibly().waitFor();
		}
		return System.nanoTime() - start;
	}

	private static NatsReplicaClient client(String url) {
		return new NatsReplicaClient(
				NatsReplicaUrl.parse(url).toOptions().requestTimeout(Duration.ofSeconds(30)).build());
	}

	private static LtxFileInfo write(NatsReplicaClient client, int txid) throws IOException {
		return client.write(0, new Txid(txid), new Txid(txid), TIMESTAMP, new ByteArrayInputStream(new byte[300]));
	}

	private static long nanos(Callable<?> task) throws Exception {
		long start = System.nanoTime();
		task.call();
		return System.nanoTime() - start;
	}

	private static long median(Callable<Long> measurement) throws Exception {
		long[] nanos = new long[RUNS];
		for (int i = 0; i < RUNS; i++) {
			nanos[i] = measurement.call();
		}
		Arrays.sort(nanos);
		return nanos[RUNS / 2];
	}

	private static String millis(long nanos) {
		return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
	}

}
