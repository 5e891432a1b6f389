package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.Tools;

/**
 * The {@code litestream} program beside an application.
 */
final class Original implements AutoCloseable {

	private final ChildProcess process;

	private Original(ChildProcess process) {
		this.process = process;
	}

	/**
	 * Starts {@code litestream replicate} with a configuration file.
	 * @param directory for the file and the log
	 * @param replicas the replica's address of each database
	 * @param interval of all that it does by time, or zero for its defaults
	 */
	static Original replicate(Path directory, Map<Path, String> replicas, Duration interval) throws IOException {
		StringBuilder text = new StringBuilder("dbs:\n");
		replicas.forEach((database, url) -> {
			text.append("  - path: ").append(database).append('\n');
			if (!interval.isZero()) {
				text.append("    monitor-interval: ").append(interval.toMillis()).append("ms\n");
			}
			text.append("    replica:\n      type: nats\n      url: ").append(url).append('\n');
			if (!interval.isZero()) {
				text.append("      sync-interval: ").append(interval.toMillis()).append("ms\n");
			}
		});
		Path file = directory.resolve("litestream.yml");
		Files.writeString(file, text);
		return new Original(ChildProcess.start(directory.resolve("litestream.log"),
				List.of(Tools.litestream().toString(), "replicate", "-config", file.toString())));
	}

	long pid() {
		return this.process.pid();
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	String log() {
		return this.process.log();
	}

	/** Ends it in good order. */
	void stop() {
		this.process.stop();
	}

	@Override
	public void close() {
		this.process.close();
	}

}
