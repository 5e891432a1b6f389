package dev.litestream.nats.crash;

import java.io.FileWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;

/**
 * The application that is killed: restores if its database is missing, writes with
 * several threads, and notes in a journal outside which commits the replica has
 * acknowledged. Every row can be told from its key, so that the journal needs to hold no
 * content.
 */
final class CrashApplication {

	static final int WRITERS = 3;

	/** The system property that has a snapshot written right after the start. */
	static final String SNAPSHOT = "crash.snapshot";

	/** Older rows are deleted, so that long runs do not end in large databases. */
	private static final int KEEP = 2000;

	private final AtomicLongArray committed = new AtomicLongArray(WRITERS);

	private final Path path;

	private final ReplicatedDatabase database;

	private CrashApplication(Path path, ReplicatedDatabase database) {
		this.path = path;
		this.database = database;
	}

	/**
	 * Runs until it is killed.
	 * @param args database file, replica URL, journal
	 */
	public static void main(String[] args) throws Exception {
		Path path = Path.of(args[0]);
		NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(args[1]).toOptions().build());
		// A small threshold, so that kills hit checkpoints too.
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).minCheckpointPages(100).build(), client)
			.build();
		engine.restore();
		Files.createDirectories(path.getParent());
		CrashApplication application = new CrashApplication(path, engine.databases().get(0));
		try (Connection connection = application.connect(); Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE IF NOT EXISTS entry(writer INTEGER, seq INTEGER, payload BLOB,"
					+ " PRIMARY KEY(writer, seq)) WITHOUT ROWID");
			statement.execute("CREATE TABLE IF NOT EXISTS account(id INTEGER PRIMARY KEY, amount INTEGER)");
			statement.execute("INSERT OR IGNORE INTO account VALUES(1, 1000), (2, 1000), (3, 1000)");
			for (int writer = 0; writer < WRITERS; writer++) {
				try (ResultSet last = statement
					.executeQuery("SELECT coalesce(max(seq), 0) FROM entry WHERE writer=" + writer)) {
					last.next();
					application.committed.set(writer, last.getLong(1));
				}
			}
		}
		engine.start();
		for (int writer = 0; writer < WRITERS; writer++) {
			int number = writer;
			new Thread(() -> application.write(number), "writer-" + writer).start();
		}
		if (Boolean.getBoolean(SNAPSHOT)) {
			new Thread(application::snapshot, "snapshot").start();
		}
		System.out.println("READY");
		application.journal(Path.of(args[2]));
	}

	private Connection connect() throws SQLException {
		Connection connection = DriverManager
			.getConnection("jdbc:sqlite:" + this.path + "?synchronous=NORMAL&busy_timeout=20000");
		this.database.prepare(connection);
		return connection;
	}

	static byte[] payload(int writer, long seq) {
		byte[] payload = new byte[(int) (50 + (seq * 7919 + writer) % 3000)];
		new SplittableRandom(writer * 1_000_003L + seq).nextBytes(payload);
		return payload;
	}

	private void write(int writer) {
		try (Connection connection = connect()) {
			connection.setAutoCommit(false);
			try (PreparedStatement insert = connection.prepareStatement("INSERT INTO entry VALUES(?, ?, ?)");
					Statement statement = connection.createStatement()) {
				while (true) {
					long seq = this.committed.get(writer);
					int rows = (seq % 50 == 49) ? 200 : 1 + (int) (seq % 3);
					for (int i = 1; i <= rows; i++) {
						insert.setInt(1, writer);
						insert.setLong(2, seq + i);
						insert.setBytes(3, payload(writer, seq + i));
						insert.executeUpdate();
					}
					statement
						.executeUpdate("DELETE FROM entry WHERE writer = " + writer + " AND seq <= " + (seq - KEEP));
					statement.executeUpdate("UPDATE account SET amount = amount - 1 WHERE id = " + (1 + writer));
					statement
						.executeUpdate("UPDATE account SET amount = amount + 1 WHERE id = " + (1 + (writer + 1) % 3));
					connection.commit();
					this.committed.set(writer, seq + rows);
				}
			}
		}
		catch (SQLException ex) {
			// The test reads this and fails: a write must never fail.
			System.out.println("WRITE FAILED " + ex);
		}
	}

	private void snapshot() {
		try {
			this.database.snapshot(Duration.ofSeconds(30));
		}
		catch (InterruptedException | LitestreamException ex) {
			// As while nats-server is down; what was acknowledged is there without it.
			System.out.println("no snapshot: " + ex);
		}
	}

	private void journal(Path journal) throws IOException, InterruptedException {
		try (Writer writer = new FileWriter(journal.toFile(), StandardCharsets.UTF_8, true)) {
			while (true) {
				long[] before = new long[WRITERS];
				for (int i = 0; i < WRITERS; i++) {
					before[i] = this.committed.get(i);
				}
				if (this.database.sync(Duration.ofSeconds(30))) {
					writer.write(before[0] + " " + before[1] + " " + before[2] + "\n");
					writer.flush();
				}
				else {
					System.out.println("NOT SYNCED " + this.database.status());
				}
			}
		}
	}

}
