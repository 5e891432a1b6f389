package dev.litestream.engine;

import java.io.FileWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application that is aborted: inserts rows that can be told from their ids, and
 * notes in a journal which of them the replica has acknowledged.
 */
final class CrashingApplication {

	/** Enough rows for each step to come often. */
	private static final int ROWS = 50;

	private static final int LARGE = 400_000;

	private CrashingApplication() {
	}

	/**
	 * Runs one scenario to its end, if nothing aborts it.
	 * @param args the directory, and the {@link CrashScenario}
	 */
	public static void main(String[] args) throws Exception {
		Path directory = Path.of(args[0]);
		CrashScenario scenario = CrashScenario.valueOf(args[1]);
		GatedReplica replica = replica(directory);
		try (Application app = start(directory, replica, scenario)) {
			switch (scenario) {
				case OFFLINE -> {
					// Until it is known where the history goes on, nothing is spooled.
					app.sync();
					replica.shut();
					writeOffline(app);
					replica.unshut();
					acknowledge(app, directory);
				}
				case COMPACTING -> writeOn(app, directory);
				case DELETING -> deleteCovered(replica);
				default -> write(app, directory);
			}
		}
	}

	static GatedReplica replica(Path directory) {
		return new GatedReplica(new FileReplicaClient(directory.resolve("replica")));
	}

	static Path journal(Path directory) {
		return directory.resolve("journal");
	}

	private static Application start(Path directory, ReplicaClient replica, CrashScenario scenario) throws Exception {
		Application app = new Application(directory, replica,
				(o) -> o.minCheckpointPages(10).syncInterval(Duration.ofMillis(50)).levels(scenario.levels()));
		app.execute("PRAGMA synchronous=NORMAL", "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v BLOB)");
		return app;
	}

	/** Makes the short history that the scenarios start from. */
	static void prepare(Path directory) throws Exception {
		try (Application app = start(directory, replica(directory), CrashScenario.WRITING)) {
			for (int i = 0; i < 5; i++) {
				insert(app.connection);
				acknowledge(app, directory);
			}
		}
	}

	private static void write(Application app, Path directory) throws Exception {
		for (int i = 0; i < ROWS || app.status().counters().checkpoints() < 2; i++) {
			insert(app.connection);
			acknowledge(app, directory);
		}
	}

	/** Until it is aborted, as a rule within two seconds. */
	private static void writeOn(Application app, Path directory) throws Exception {
		long start = System.nanoTime();
		while (System.nanoTime() - start < Application.LONG.toNanos()) {
			insert(app.connection);
			acknowledge(app, directory);
		}
	}

	private static void writeOffline(Application app) throws Exception {
		// Those of the start had nothing to force to disk.
		long before = app.status().counters().checkpoints();
		await().atMost(Application.LONG).until(() -> {
			insert(app.connection);
			return app.status().counters().checkpoints() > before + 1;
		});
	}

	private static void deleteCovered(ReplicaClient replica) throws IOException {
		List<LtxListing> listings = replica.listAll();
		LtxFileInfo snapshot = listings.get(ReplicaClient.SNAPSHOT_LEVEL).newest();
		assertThat(snapshot).isNotNull();
		List<LtxFileInfo> covered = listings.get(0)
			.files()
			.stream()
			.filter((file) -> !file.maxTxid().isAfter(snapshot.maxTxid()))
			.toList();
		assertThat(covered).hasSizeGreaterThan(2);
		replica.delete(covered);
	}

	private static void acknowledge(Application app, Path directory) throws Exception {
		long last = app.query("SELECT max(id) FROM t");
		app.sync();
		try (Writer journal = new FileWriter(journal(directory).toFile(), StandardCharsets.UTF_8, true)) {
			journal.write(last + "\n");
		}
	}

	/** The last row that the replica has acknowledged, 0 for none. */
	static long acknowledged(Path directory) throws IOException {
		Path journal = journal(directory);
		// A line cut short by the abort does not count.
		String text = Files.exists(journal) ? Files.readString(journal) : "";
		return text.substring(0, text.lastIndexOf('\n') + 1).lines().mapToLong(Long::parseLong).max().orElse(0);
	}

	static void insert(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES(?, ?)")) {
			long id;
			try (ResultSet last = statement.executeQuery("SELECT coalesce(max(id), 0) FROM t")) {
				last.next();
				id = last.getLong(1) + 1;
			}
			insert.setLong(1, id);
			insert.setBytes(2, content(id));
			insert.executeUpdate();
		}
	}

	/** Every tenth row makes an LTX file that is not kept in memory. */
	private static byte[] content(long id) {
		byte[] content = new byte[(id % 10 == 0) ? LARGE : 3000];
		new SplittableRandom(id).nextBytes(content);
		return content;
	}

	/**
	 * Requires that no row is missing, changed or invented.
	 * @return the last row
	 */
	static long requireRows(Connection connection) throws SQLException {
		long expected = 0;
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT id, v FROM t ORDER BY id")) {
			while (rows.next()) {
				assertThat(rows.getLong(1)).isEqualTo(++expected);
				assertThat(rows.getBytes(2)).as("row %d", expected).isEqualTo(content(expected));
			}
		}
		return expected;
	}

}
