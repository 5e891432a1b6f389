package dev.litestream.engine;

import java.nio.file.Path;
import java.time.Duration;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.replica.FileReplicaClient;

/** An engine in another process: starts, syncs once, says what came of it, and ends. */
final class ForeignEngine {

	private ForeignEngine() {
	}

	public static void main(String[] args) throws Exception {
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(Path.of(args[0])).build(), new FileReplicaClient(Path.of(args[1])))
			.build()) {
			engine.start();
			System.out.println("synced " + engine.databases().get(0).sync(Duration.ofSeconds(20)));
		}
		catch (LitestreamException ex) {
			System.out.println("refused: " + ex.getMessage());
		}
	}

}
