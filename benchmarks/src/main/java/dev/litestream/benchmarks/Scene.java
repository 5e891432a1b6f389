package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * One run of one contestant: a new server with an empty bucket, an observer, and a
 * database with empty tables. Everything is ended and deleted by {@code close}. Not
 * thread-safe.
 */
final class Scene implements AutoCloseable {

	static final String BUCKET = "backup";

	private static final Duration TIMEOUT = Duration.ofMinutes(15);

	private final Contestant contestant;

	private final TemporaryDirectory directory = TemporaryDirectory.create();

	private final Server server;

	private final BucketObserver observer;

	private final List<WriterProcess> writers = new ArrayList<>();

	private @Nullable Original original;

	private Scene(Contestant contestant, Server server) throws Exception {
		this.contestant = contestant;
		this.server = server;
		var connection = server.connect();
		server.createBucket(connection, BUCKET);
		this.observer = new BucketObserver(connection, BUCKET);
	}

	/** Sets the scene; nobody replicates yet. */
	static Scene set(Contestant contestant, boolean cluster) throws Exception {
		Server server = Server.start(cluster);
		try {
			Scene scene = new Scene(contestant, server);
			scene.writeWithoutReplication(Map.of());
			return scene;
		}
		catch (Exception ex) {
			server.close();
			throw ex;
		}
	}

	Contestant contestant() {
		return this.contestant;
	}

	Server server() {
		return this.server;
	}

	BucketObserver observer() {
		return this.observer;
	}

	Path database() {
		return this.directory.path().resolve("app.db");
	}

	/** A name in this run's directory. */
	Path file(String name) {
		return this.directory.path().resolve(name);
	}

	/** Has the application write without replication, and waits for its end. */
	void writeWithoutReplication(Map<String, String> workload) throws IOException {
		Map<String, String> settings = new LinkedHashMap<>(settings(workload));
		settings.put("litestream.enabled", "false");
		settings.put("writer.exit", "true");
		start(settings).awaitExit();
	}

	/**
	 * Starts the {@code litestream} program if it is its turn, and waits for its first
	 * object.
	 */
	void startOriginal() throws IOException {
		if (this.contestant.isOriginal()) {
			int before = this.observer.arrivals().size();
			this.original = launchOriginal();
			long deadline = System.nanoTime() + TIMEOUT.toNanos();
			while (this.observer.arrivals().size() == before) {
				if (!this.original.isAlive() || System.nanoTime() > deadline) {
					throw new IllegalStateException("litestream sends nothing:\n" + this.original.log());
				}
				LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
			}
		}
	}

	/** Starts the {@code litestream} program if it is its turn. */
	void restartOriginal() throws IOException {
		if (this.contestant.isOriginal()) {
			this.original = launchOriginal();
		}
	}

	private Original launchOriginal() throws IOException {
		return Original.replicate(this.directory.path(), Map.of(database(), this.server.url(BUCKET)),
				(this.contestant == Contestant.ORIGINAL_1MS) ? Duration.ofMillis(1) : Duration.ZERO);
	}

	void stopOriginal() {
		if (this.original != null) {
			this.original.stop();
		}
	}

	/** Starts the application, with the starter if it is its turn. */
	WriterProcess startWriter(Map<String, String> workload) throws IOException {
		Map<String, String> settings = new LinkedHashMap<>(settings(workload));
		if (this.contestant == Contestant.OURS) {
			settings.put("litestream.dbs[0].path", database().toString());
			settings.put("litestream.dbs[0].replica.url", this.server.url(BUCKET));
		}
		else {
			settings.put("litestream.enabled", "false");
		}
		return start(settings);
	}

	private WriterProcess start(Map<String, String> settings) throws IOException {
		WriterProcess writer = WriterProcess.start(file("writer-" + this.writers.size() + ".log"), settings);
		this.writers.add(writer);
		return writer;
	}

	private Map<String, String> settings(Map<String, String> workload) {
		Map<String, String> settings = new LinkedHashMap<>();
		settings.put("spring.datasource.url",
				"jdbc:sqlite:" + database() + "?journal_mode=WAL&synchronous=NORMAL&busy_timeout=10000");
		if (this.contestant.isOriginal()) {
			// as the program's documentation asks for
			settings.put("spring.datasource.hikari.connection-init-sql", "pragma wal_autocheckpoint = 0");
		}
		settings.put("spring.main.banner-mode", "off");
		workload.forEach((key, value) -> settings.put("writer." + key, value));
		return settings;
	}

	/**
	 * Waits until the bucket holds a mark.
	 * @param mark the mark, or a larger one
	 * @param from objects that arrived before, in microseconds since the epoch, cannot
	 * hold it
	 * @return when it arrived, in microseconds since the epoch
	 */
	long awaitMark(long mark, long from) throws IOException {
		long deadline = System.nanoTime() + TIMEOUT.toNanos();
		int seen = 0;
		while (System.nanoTime() < deadline) {
			List<Arrival> arrivals = this.observer.arrivals();
			for (; seen < arrivals.size(); seen++) {
				Arrival arrival = arrivals.get(seen);
				if (arrival.micros() >= from && this.observer.largestMark(arrival) >= mark) {
					return arrival.micros();
				}
			}
			LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
		}
		throw new IllegalStateException("Mark " + mark + " has not arrived in the bucket"
				+ ((this.original != null) ? ":\n" + this.original.log() : ""));
	}

	/** What each process has used so far, by its name. */
	Map<String, ProcessUsage> usages(WriterProcess writer) throws IOException {
		Map<String, ProcessUsage> usages = new LinkedHashMap<>();
		usages.put("application", ProcessUsage.of(writer.pid()));
		if (this.original != null) {
			usages.put("litestream", ProcessUsage.of(this.original.pid()));
		}
		usages.put("nats-server", serverUsage());
		return usages;
	}

	private ProcessUsage serverUsage() throws IOException {
		ProcessUsage sum = new ProcessUsage(0, 0, 0, 0, 0);
		for (long pid : this.server.pids()) {
			ProcessUsage one = ProcessUsage.of(pid);
			sum = new ProcessUsage(sum.processorSeconds() + one.processorSeconds(),
					sum.residentBytes() + one.residentBytes(), sum.peakBytes() + one.peakBytes(),
					sum.bytesRead() + one.bytesRead(), sum.bytesWritten() + one.bytesWritten());
		}
		return sum;
	}

	/** What each process has used since an earlier look. */
	Map<String, ProcessUsage> usagesSince(Map<String, ProcessUsage> earlier, WriterProcess writer) throws IOException {
		Map<String, ProcessUsage> usages = usages(writer);
		usages.replaceAll((process, usage) -> usage.since(earlier.get(process)));
		return usages;
	}

	@Override
	public void close() throws Exception {
		this.writers.forEach(WriterProcess::close);
		if (this.original != null) {
			this.original.close();
		}
		this.observer.close();
		this.server.close();
		this.directory.close();
	}

}
