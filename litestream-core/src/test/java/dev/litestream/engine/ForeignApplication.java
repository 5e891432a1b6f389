package dev.litestream.engine;

import java.nio.file.Path;

/** An application in another process, which writes until it is killed. */
final class ForeignApplication {

	private ForeignApplication() {
	}

	public static void main(String[] args) throws Exception {
		try (Application app = new Application(Path.of(args[0]), (o) -> o.minCheckpointPages(20))) {
			app.execute("PRAGMA synchronous=NORMAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			while (true) {
				app.execute("BEGIN", "INSERT INTO t(v) VALUES(randomblob(abs(random()) % 9000))",
						"DELETE FROM t WHERE id % 50 = abs(random()) % 50", "COMMIT");
			}
		}
	}

}
