package dev.litestream.nats.soak;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;

/**
 * Another process that knows nothing of replication and checkpoints the application's
 * database in every way, whether the application runs or not; now and then its own
 * connection is the last one, whose end checkpoints too. Runs until it is killed.
 */
final class ForeignCheckpoints {

	private static final List<String> KINDS = List.of("PASSIVE", "FULL", "RESTART", "TRUNCATE");

	private ForeignCheckpoints() {
	}

	/**
	 * Runs.
	 * @param args database file, seed
	 */
	public static void main(String[] args) throws Exception {
		Random random = new Random(Long.parseLong(args[1]));
		while (true) {
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + args[0]);
					Statement statement = connection.createStatement()) {
				// It holds the write lock while it waits for the application's readers.
				statement.execute("PRAGMA busy_timeout = 200");
				for (int i = 0; i < 5; i++) {
					try {
						statement.execute("PRAGMA wal_checkpoint(" + KINDS.get(random.nextInt(KINDS.size())) + ")");
						System.out.println("CHECKPOINT");
					}
					catch (SQLException ex) {
						System.out.println("busy: " + ex.getMessage());
					}
					Thread.sleep(500 + random.nextInt(3000));
				}
			}
		}
	}

}
