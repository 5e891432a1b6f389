package dev.litestream.nats.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import dev.litestream.test.Oracle;

/**
 * The real litestream program, configured for quick tests: many syncs a second, and
 * compactions that do not take minutes to come.
 */
final class LitestreamProgram {

	private LitestreamProgram() {
	}

	/**
	 * Starts to replicate, level 0 only as in the program's first half minute.
	 * @param database the database file
	 * @param url the replica
	 * @return the running program
	 */
	static Oracle.Replication start(Path database, String url) throws IOException {
		return start(database, url, "");
	}

	/**
	 * Starts to replicate, compact and snapshot.
	 * @param database the database file
	 * @param url the replica
	 * @return the running program
	 */
	static Oracle.Replication startWithLevels(Path database, String url) throws IOException {
		return start(database, url, """
				levels:
				  - interval: 1s
				  - interval: 2s
				snapshot:
				  interval: 1h
				  retention: 24h
				l0-retention: 1s
				l0-retention-check-interval: 1s
				""");
	}

	private static Oracle.Replication start(Path database, String url, String global) throws IOException {
		Path configuration = Files.createTempFile(database.getParent(), "litestream-", ".yml");
		Files.writeString(configuration, global + String.format(Locale.ROOT, """
				dbs:
				  - path: %s
				    monitor-interval: 20ms
				    replica:
				      url: %s
				      sync-interval: 20ms
				""", database, url));
		return Oracle.replicate(configuration);
	}

}
