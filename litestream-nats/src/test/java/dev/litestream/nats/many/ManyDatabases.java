package dev.litestream.nats.many;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;

/**
 * An engine with many small databases in one bucket, which prints what they cost: until
 * all are replicated, and while nothing happens.
 */
final class ManyDatabases {

	private static final UnixOperatingSystemMXBean SYSTEM = (UnixOperatingSystemMXBean) ManagementFactory
		.getOperatingSystemMXBean();

	private ManyDatabases() {
	}

	/**
	 * Measures.
	 * @param args directory, bucket URL, number of databases, seconds until all is quiet,
	 * seconds to measure
	 */
	public static void main(String[] args) throws Exception {
		Path directory = Path.of(args[0]);
		int count = Integer.parseInt(args[2]);
		for (int i = 0; i < count; i++) {
			create(directory.resolve("db" + i + ".db"));
		}
		long heap = heap();
		int threads = threads();
		long descriptors = SYSTEM.getOpenFileDescriptorCount();
		print("databases", count);
		long start = System.nanoTime();
		long startCpu = SYSTEM.getProcessCpuTime();
		try (LitestreamEngine engine = engine(directory, args[1], count)) {
			engine.start();
			print("started_s", seconds(System.nanoTime() - start));
			Duration settle = Duration.ofSeconds(Long.parseLong(args[3]));
			while (sum(engine, (status) -> status.inSync() ? 1 : 0) < count) {
				if (System.nanoTime() - start > Duration.ofMinutes(10).toNanos()) {
					throw new LitestreamException("Not all replicated: " + engine.databases().get(count - 1).status());
				}
				LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
			}
			print("all_replicated_s", seconds(System.nanoTime() - start));
			print("all_replicated_cpu_s", seconds(SYSTEM.getProcessCpuTime() - startCpu));
			print("most_threads", ManagementFactory.getThreadMXBean().getPeakThreadCount() - threads);
			LockSupport.parkNanos(settle.toNanos());
			print("heap_kb_per_database", (heap() - heap) / 1024.0 / count);
			print("descriptors_per_database", (SYSTEM.getOpenFileDescriptorCount() - descriptors) / (double) count);
			print("resident_kb_per_database", residentKb() / (double) count);
			idle(engine, Duration.ofSeconds(Long.parseLong(args[4])));
			print("idle_threads", threads() - threads);
			start = System.nanoTime();
			engine.stop();
			print("stopped_s", seconds(System.nanoTime() - start));
		}
	}

	private static void idle(LitestreamEngine engine, Duration time) {
		long objects = sum(engine, (status) -> status.counters().objects());
		long syncs = sum(engine, (status) -> status.counters().syncs());
		long cpu = SYSTEM.getProcessCpuTime();
		long start = System.nanoTime();
		LockSupport.parkNanos(time.toNanos());
		double hours = (System.nanoTime() - start) / 3600e9;
		print("idle_cpu_s_per_hour", seconds(SYSTEM.getProcessCpuTime() - cpu) / hours);
		print("idle_looks_per_database_and_s", (sum(engine, (status) -> status.counters().syncs()) - syncs)
				/ (hours * 3600) / engine.databases().size());
		print("idle_objects", sum(engine, (status) -> status.counters().objects()) - objects);
	}

	private static LitestreamEngine engine(Path directory, String url, int count) {
		LitestreamEngine.Builder builder = LitestreamEngine.builder();
		for (int i = 0; i < count; i++) {
			builder.database(DatabaseOptions.of(directory.resolve("db" + i + ".db")).build(),
					new NatsReplicaClient(NatsReplicaUrl.parse(url + "/db" + i).toOptions().build()));
		}
		return builder.build();
	}

	private static void create(Path path) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE t(v)");
			statement.execute("INSERT INTO t VALUES(1)");
		}
	}

	private static long sum(LitestreamEngine engine, ToLongFunction<DatabaseStatus> value) {
		return engine.databases().stream().mapToLong((database) -> value.applyAsLong(database.status())).sum();
	}

	private static long heap() {
		// Several times: what cleaners free is garbage of the next collection.
		for (int i = 0; i < 4; i++) {
			System.gc();
			LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
		}
		return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
	}

	private static int threads() {
		return ManagementFactory.getThreadMXBean().getThreadCount();
	}

	private static long residentKb() throws IOException {
		return Files.readAllLines(Path.of("/proc/self/status"))
			.stream()
			.filter((line) -> line.startsWith("VmRSS:"))
			.mapToLong((line) -> Long.parseLong(line.replaceAll("\\D", "")))
			.sum();
	}

	private static double seconds(long nanos) {
		return nanos / 1e9;
	}

	private static void print(String name, double value) {
		System.out.println(String.format(Locale.ROOT, "%s=%.2f", name, value));
	}

}
