package dev.litestream.nats.interop;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.test.NatsServer;
import dev.litestream.test.Oracle;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.ObjectInfo;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.ObjectStoreWatcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prints what one database sends to and gets from the server in an hour, idle and with a
 * commit each second, beside the litestream program with its defaults. A measurement, not
 * part of the build: run {@code bin/bucket-cost}.
 */
class TrafficCost {

	private static final int SECONDS = Integer.getInteger("cost.seconds", 60);

	/** Longer than the interval of level 1. */
	private static final int SETTLE_SECONDS = 45;

	@TempDir
	Path directory;

	@Test
	@Timeout(600)
	void measure() throws Exception {
		List<Callable<String>> runs = new ArrayList<>();
		for (boolean writing : new boolean[] { false, true }) {
			String load = writing ? "1 commit/s" : "idle";
			runs.add(() -> run("ours, " + load, writing, this::ours));
			runs.add(() -> run("ours with a listing each 15 s, " + load, writing, this::oursListing));
			runs.add(() -> run("ours with a subscription to the bucket, " + load, writing, this::oursWatching));
			runs.add(() -> run("litestream, " + load, writing, this::litestream));
		}
		ExecutorService pool = Executors.newFixedThreadPool(runs.size());
		try {
			System.out.println("cost | per hour | messages to the server | KB | messages from the server | KB");
			for (Future<String> result : pool.invokeAll(runs)) {
				System.out.println("cost | " + result.get());
			}
		}
		finally {
			pool.shutdownNow();
		}
	}

	private AutoCloseable ours(Application application, String url) throws Exception {
		return Replication.start(application, url);
	}

	/** What compaction and retention add if they look as often as the program's. */
	private AutoCloseable oursListing(Application application, String url) throws Exception {
		Replication replication = Replication.start(application, url);
		NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(url).toOptions().build());
		Thread thread = new Thread(() -> {
			try {
				while (true) {
					client.list(0);
					client.list(1);
					TimeUnit.SECONDS.sleep(15);
				}
			}
			catch (Exception ex) {
				// stopped
			}
		});
		thread.start();
		return () -> {
			thread.interrupt();
			client.close();
			replication.close();
		};
	}

	/** What an index fed by a subscription would add. */
	private AutoCloseable oursWatching(Application application, String url) throws Exception {
		Connection connection = Nats.connect(url.substring(0, url.lastIndexOf('/')));
		connection.objectStore(url.substring(url.lastIndexOf('/') + 1)).watch(new ObjectStoreWatcher() {
			@Override
			public void watch(ObjectInfo info) {
			}

			@Override
			public void endOfData() {
			}
		});
		Replication replication = Replication.start(application, url);
		return () -> {
			replication.close();
			connection.close();
		};
	}

	private AutoCloseable litestream(Application application, String url) throws Exception {
		Path configuration = Files.createTempFile(this.directory, "litestream-", ".yml");
		Files.writeString(configuration, String.format(Locale.ROOT, """
				dbs:
				  - path: %s
				    replica:
				      url: %s
				""", application.path(), url));
		return Oracle.replicate(configuration);
	}

	private String run(String title, boolean writing, Program program) throws Exception {
		Path folder = Files.createTempDirectory(this.directory, "db");
		try (NatsServer server = NatsServer.builder().monitor().start();
				Application application = Application.create(folder.resolve("app.db"), 4096)) {
			try (Connection connection = Nats.connect(server.url())) {
				connection.objectStoreManagement().create(ObjectStoreConfiguration.builder("cost").build());
			}
			application.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name, body)");
			application.insert("t", 100);
			AutoCloseable running = program.start(application, server.url("cost"));
			try {
				// past the first snapshot, and when idle past the merge of what was
				// written
				commit(application, 10, true);
				commit(application, writing ? 0 : SETTLE_SECONDS, false);
				long[] before = counters(server);
				long start = System.nanoTime();
				commit(application, SECONDS, writing);
				double hours = (System.nanoTime() - start) / 3.6e12;
				long[] after = counters(server);
				return String.format(Locale.ROOT, "%s | %.0f | %.0f | %.0f | %.0f", title,
						(after[0] - before[0]) / hours, (after[1] - before[1]) / hours / 1000,
						(after[2] - before[2]) / hours, (after[3] - before[3]) / hours / 1000);
			}
			finally {
				running.close();
			}
		}
	}

	private static void commit(Application application, int seconds, boolean writing) throws Exception {
		for (int i = 0; i < seconds; i++) {
			if (writing) {
				application.execute("INSERT INTO t(name, body) VALUES ('one', randomblob(200))");
			}
			TimeUnit.SECONDS.sleep(1);
		}
	}

	private static long[] counters(NatsServer server) throws Exception {
		String json = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/varz")).build(), BodyHandlers.ofString())
			.body();
		long[] counters = new long[4];
		String[] names = { "in_msgs", "in_bytes", "out_msgs", "out_bytes" };
		for (int i = 0; i < names.length; i++) {
			Matcher matcher = Pattern.compile("\"" + names[i] + "\":\\s*(\\d+)").matcher(json);
			if (!matcher.find()) {
				throw new IllegalStateException("No " + names[i] + " in " + json);
			}
			counters[i] = Long.parseLong(matcher.group(1));
		}
		return counters;
	}

	@FunctionalInterface
	private interface Program {

		AutoCloseable start(Application application, String url) throws Exception;

	}

}
