package dev.litestream.engine;

import java.nio.file.Path;
import java.time.Duration;

import dev.litestream.RestoreOnStartup;

/**
 * An application in another process: commits what it is told, which stays in the WAL, and
 * waits to be killed once that is replicated.
 */
final class KilledApplication {

	static final String READY = "replicated";

	private KilledApplication() {
	}

	public static void main(String[] args) throws Exception {
		try (Application app = new Application(Path.of(args[0]),
				(o) -> o.restoreOnStartup(RestoreOnStartup.NEVER).checkpointInterval(Duration.ofHours(1)))) {
			app.execute(args[1]);
			app.sync();
			System.out.println(READY);
			Thread.sleep(Application.LONG.multipliedBy(4).toMillis());
		}
	}

}
