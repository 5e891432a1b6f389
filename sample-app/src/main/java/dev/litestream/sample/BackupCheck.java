package dev.litestream.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.litestream.RestoreResult;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/**
 * A command: restores a bucket and compares the file, byte by byte, with a restore of the
 * same bucket by the {@code litestream} program, and both, row by row, with the database
 * of the running application. Ends with 1 and a sentence if they differ.
 */
public final class BackupCheck {

	private BackupCheck() {
	}

	/**
	 * Runs the command.
	 * @param args the bucket's URL, the file to restore to, the other restore, and the
	 * application's database
	 * @throws Exception if a file or the bucket cannot be read
	 */
	public static void main(String[] args) throws Exception {
		if (args.length != 4) {
			System.err.println("Usage: BackupCheck nats://host:port/bucket ours.db original.db app.db");
			System.exit(2);
		}
		// the answer is what this command prints, not what the engine logs
		LoggingSystem.get(BackupCheck.class.getClassLoader())
			.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
		Path ours = Path.of(args[1]);
		Path original = Path.of(args[2]);
		RestoreResult result = restore(args[0], ours);
		System.out.printf(Locale.ROOT, "our restore: TXID %s, %d pages from %d LTX files, %d ms%n", result.txid(),
				result.pages(), result.files(), result.took().toMillis());
		long difference = Files.mismatch(ours, original);
		if (difference >= 0) {
			fail("The two restores differ from byte " + difference + " on");
		}
		System.out.printf(Locale.ROOT, "the two restores are identical, all %,d bytes%n", Files.size(ours));
		List<String> restored = rows(ours);
		// in another process the database may only be opened through SQLite, too
		if (!restored.equals(rows(Path.of(args[3])))) {
			fail("The restored rows are not those of the running application");
		}
		System.out.printf(Locale.ROOT, "and hold the %,d rows of the running application%n", restored.size());
	}

	private static RestoreResult restore(String url, Path output) throws IOException {
		try (ReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(url).toOptions().build())) {
			client.open();
			return new Restorer().restore(client, RestoreOptions.latest(output), null);
		}
	}

	private static List<String> rows(Path database) throws SQLException {
		List<String> rows = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			for (String table : query(connection,
					"select name from sqlite_schema where type = 'table' order by name")) {
				query(connection, "select * from \"" + table + "\"").forEach((row) -> rows.add(table + ": " + row));
			}
		}
		return rows;
	}

	private static List<String> query(Connection connection, String sql) throws SQLException {
		List<String> rows = new ArrayList<>();
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			int columns = result.getMetaData().getColumnCount();
			while (result.next()) {
				List<String> row = new ArrayList<>();
				for (int column = 1; column <= columns; column++) {
					row.add(result.getString(column));
				}
				rows.add(String.join("|", row));
			}
		}
		return rows;
	}

	private static void fail(String message) {
		System.err.println(message);
		System.exit(1);
	}

}
