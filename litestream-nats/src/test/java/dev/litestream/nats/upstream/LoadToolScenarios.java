package dev.litestream.nats.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The four commands of the original's load tool in turn: it fills a database, writes to
 * it and shrinks it from another process, which signals nothing and checkpoints by
 * itself, while we replicate; and each time it restores the replica with the original and
 * finds it equal, to the byte. Run by {@code bin/load-tool}, which builds the tool.
 */
class LoadToolScenarios {

	private static final String SIZE = System.getProperty("load.size", "50MB");

	private static final long SECONDS = Long.getLong("load.seconds", 15);

	@TempDir
	Path directory;

	@Test
	void populateLoadShrinkAndValidate() throws Exception {
		Path database = this.directory.resolve("source.db");
		LoadTool tool = new LoadTool(this.directory);
		try (NatsServer server = NatsServer.start()) {
			String url = server.url("load");
			String populated = tool.run("populate", "-db", database.toString(), "-target-size", SIZE, "-table-count",
					"3", "-index-ratio", "1");
			report("populate", "%s MB in %s", LoadTool.value(populated, "final_size_mb"),
					LoadTool.value(populated, "duration"));
			try (LitestreamEngine engine = engine(database, url)) {
				engine.start();
				ReplicatedDatabase replicated = engine.databases().get(0);
				validate(tool, "populate", replicated, database, url);
				for (String pattern : new String[] { "constant", "burst", "random", "wave" }) {
					long before = rows(database);
					String loaded = tool.run("load", "-db", database.toString(), "-pattern", pattern, "-workers",
							pattern.equals("constant") ? "1" : "4", "-write-rate", "400", "-payload-size", "2048",
							"-duration", SECONDS + "s");
					assertThat(loaded).doesNotContain("level=ERROR");
					report("load " + pattern, "%d rows written in %s", rows(database) - before,
							LoadTool.value(loaded, "duration"));
					validate(tool, "load " + pattern, replicated, database, url);
				}
				for (String kind : new String[] { "PASSIVE", "FULL", "RESTART", "TRUNCATE" }) {
					String shrunk = tool.run("shrink", "-db", database.toString(), "-delete-percentage", "30",
							"-checkpoint", "-checkpoint-mode", kind, "-vacuum");
					report("shrink " + kind, "%s rows deleted", LoadTool.value(shrunk, "total_rows_deleted"));
					validate(tool, "shrink " + kind, replicated, database, url);
				}
				DatabaseStatus.Counters counters = replicated.status().counters();
				report("engine", "%d objects with %d bytes, %d syncs, %d checkpoints, %d resyncs", counters.objects(),
						counters.objectBytes(), counters.syncs(), counters.checkpoints(), counters.resyncs());
			}
		}
	}

	private static LitestreamEngine engine(Path database, String url) {
		return LitestreamEngine.builder()
			.database(DatabaseOptions.of(database).build(), new NatsReplicaClient(
					NatsReplicaUrl.parse(url).toOptions().bucketOptions(NatsBucketOptions.DEFAULTS.creating()).build()))
			.build();
	}

	/** The tool compares files, so it is given the database's without a WAL. */
	private void validate(LoadTool tool, String scenario, ReplicatedDatabase replicated, Path database, String url)
			throws SQLException, IOException, InterruptedException {
		long start = System.nanoTime();
		assertThat(replicated.sync(Duration.ofMinutes(5))).as(scenario).isTrue();
		long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
		Path image = image(database);
		Path restored = this.directory.resolve("restored.db");
		String output = tool.run("validate", "-source-db", image.toString(), "-replica-url", url, "-restored-db",
				restored.toString(), "-check-type", "full", "-ltx-continuity");
		assertThat(output).as(scenario).contains("Checksum check completed").doesNotContain("=false");
		report("validate " + scenario,
				"replicated within %d ms of its end, %d bytes restored by the original, all checks passed", millis,
				Files.size(restored));
	}

	private Path image(Path database) throws SQLException, IOException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			return Files.write(this.directory.resolve("image.db"),
					connection.unwrap(SQLiteConnection.class).serialize("main"));
		}
	}

	private static long rows(Path database) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			try (ResultSet table = statement
				.executeQuery("SELECT count(*) FROM sqlite_schema WHERE name = 'load_test'")) {
				if (!table.next() || table.getInt(1) == 0) {
					return 0;
				}
			}
			try (ResultSet count = statement.executeQuery("SELECT count(*) FROM load_test")) {
				count.next();
				return count.getLong(1);
			}
		}
	}

	private static void report(String scenario, String result, Object... arguments) {
		System.out.println("load-tool: " + scenario + ": " + String.format(Locale.ROOT, result, arguments));
	}

}
