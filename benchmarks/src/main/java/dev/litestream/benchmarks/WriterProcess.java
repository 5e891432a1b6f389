package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

import dev.litestream.benchmarks.writer.WriterApplication;
import dev.litestream.test.ChildProcess;

/**
 * The application that writes, in a JVM of its own, and what it has said. Not
 * thread-safe.
 */
final class WriterProcess implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofMinutes(15);

	private final ChildProcess process;

	private WriterProcess(ChildProcess process) {
		this.process = process;
	}

	/**
	 * Starts it.
	 * @param log receives what it says; a new file
	 * @param settings keys and values of the application
	 */
	static WriterProcess start(Path log, Map<String, String> settings) throws IOException {
		List<String> command = new ArrayList<>(List.of(JavaProgram.java(), "-Xmx256m", "-cp", JavaProgram.classPath()));
		command.add(WriterApplication.class.getName());
		settings.forEach((key, value) -> command.add("--" + key + "=" + value));
		return new WriterProcess(ChildProcess.start(log, command));
	}

	long pid() {
		return this.process.pid();
	}

	/** Waits for a line and returns what follows its first word. */
	String await(String word) {
		long deadline = System.nanoTime() + TIMEOUT.toNanos();
		while (true) {
			boolean ended = !this.process.isAlive();
			String log = this.process.log();
			// a line that is being written is not whole yet
			String whole = log.substring(0, log.lastIndexOf('\n') + 1);
			for (String line : whole.lines().toList()) {
				if (line.startsWith(word + " ")) {
					return line.substring(word.length() + 1);
				}
			}
			if (ended || System.nanoTime() > deadline) {
				throw new IllegalStateException("The writer has not said " + word + " but:\n" + log);
			}
			LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
		}
	}

	/** When it said a word, in microseconds since the epoch. */
	long awaitTime(String word) {
		return Long.parseLong(await(word));
	}

	/** The marked commits so far: when each returned, by mark. */
	Map<Long, Long> commits() {
		Map<Long, Long> commits = new TreeMap<>();
		for (String line : this.process.log().lines().toList()) {
			if (line.startsWith("COMMIT ")) {
				String[] words = line.split(" ");
				commits.put(Long.parseLong(words[1]), Long.parseLong(words[2]));
			}
		}
		return commits;
	}

	/** Waits until it ends by itself. */
	void awaitExit() {
		int code = this.process.awaitExit(TIMEOUT);
		if (code != 0) {
			throw new IllegalStateException("The writer ended with " + code + ":\n" + this.process.log());
		}
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
