package dev.litestream.benchmarks;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What databases cost that nobody writes to, each in a bucket of its own: processor,
 * memory, and requests to the server, extrapolated to an hour.
 */
final class IdleCost implements Measure {

	private static final List<Integer> DATABASES = List.of(1, 100);

	private static final double SECONDS_PER_HOUR = 3600;

	private final Options options;

	IdleCost(Options options) {
		this.options = options;
	}

	@Override
	public String name() {
		return "idle";
	}

	@Override
	public List<Contestant> contestants() {
		return List.of(Contestant.NONE, Contestant.ORIGINAL, Contestant.OURS);
	}

	@Override
	public void run(Contestant contestant, Figures figures) throws Exception {
		for (int count : DATABASES) {
			try (TemporaryDirectory directory = TemporaryDirectory.create(); Server server = Server.start(false)) {
				Map<Path, String> replicas = create(directory.path(), server, count);
				if (contestant.isOriginal()) {
					try (Original original = Original.replicate(directory.path(), replicas, Duration.ZERO)) {
						look(contestant, count, original.pid(), server, figures);
					}
				}
				else {
					Map<String, String> settings = settings(contestant, replicas);
					try (WriterProcess writer = WriterProcess.start(directory.path().resolve("writer.log"), settings)) {
						writer.awaitTime("DONE");
						look(contestant, count, writer.pid(), server, figures);
					}
				}
			}
		}
	}

	private static Map<Path, String> create(Path directory, Server server, int count) throws Exception {
		Map<Path, String> replicas = new LinkedHashMap<>();
		try (var connection = server.connect()) {
			for (int i = 0; i < count; i++) {
				String name = String.format(Locale.ROOT, "db%03d", i);
				server.createBucket(connection, name);
				Path database = directory.resolve(name + ".db");
				createDatabase(database);
				replicas.put(database, server.url(name));
			}
		}
		return replicas;
	}

	private static void createDatabase(Path file) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
				Statement statement = connection.createStatement()) {
			statement.execute("pragma journal_mode = wal");
			statement.execute("create table item(id integer primary key, body text)");
			statement.execute("insert into item(body) values('one')");
		}
	}

	private static Map<String, String> settings(Contestant contestant, Map<Path, String> replicas) {
		Map<String, String> settings = new LinkedHashMap<>();
		Path own = replicas.keySet().iterator().next();
		settings.put("spring.datasource.url", "jdbc:sqlite:" + own + "?journal_mode=WAL");
		settings.put("spring.main.banner-mode", "off");
		if (contestant == Contestant.NONE) {
			settings.put("litestream.enabled", "false");
			return settings;
		}
		int index = 0;
		for (Map.Entry<Path, String> replica : replicas.entrySet()) {
			settings.put("litestream.dbs[" + index + "].path", replica.getKey().toString());
			settings.put("litestream.dbs[" + index + "].replica.url", replica.getValue());
			index++;
		}
		return settings;
	}

	private void look(Contestant contestant, int count, long pid, Server server, Figures figures) throws Exception {
		// until the first files are sent and merged
		TimeUnit.SECONDS.sleep(this.options.quick() ? 10 : 90);
		ProcessUsage before = ProcessUsage.of(pid);
		Server.Traffic traffic = server.traffic();
		long begun = System.nanoTime();
		TimeUnit.SECONDS.sleep(this.options.seconds() * (this.options.quick() ? 1L : 4L));
		ProcessUsage used = ProcessUsage.of(pid).since(before);
		Server.Traffic sent = server.traffic().since(traffic);
		double perHour = SECONDS_PER_HOUR * 1e9 / (System.nanoTime() - begun);
		String what = (count == 1) ? "one database" : count + " databases";
		figures.add(contestant, what + ": processor", "s/h", used.processorSeconds() * perHour);
		figures.add(contestant, what + ": requests", "1/h", sent.messages() * perHour);
		figures.add(contestant, what + ": answers", "MB/h", sent.bytesOut() * perHour / 1e6);
		figures.add(contestant, what + ": memory", "MB", used.residentBytes() / 1e6);
		figures.add(contestant, what + ": connections", "", sent.connections());
	}

}
