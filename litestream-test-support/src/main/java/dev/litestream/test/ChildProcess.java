package dev.litestream.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A program started by a test, with its output in a file. It is killed at the latest when
 * this JVM ends. Thread-safe.
 */
public final class ChildProcess implements AutoCloseable {

	private static final Set<Process> running = ConcurrentHashMap.newKeySet();

	static {
		Runtime.getRuntime()
			.addShutdownHook(new Thread(() -> running.forEach(Process::destroyForcibly), "end-child-processes"));
	}

	private final List<String> command;

	private final Process process;

	private final Path log;

	private ChildProcess(List<String> command, Process process, Path log) {
		this.command = command;
		this.process = process;
		this.log = log;
	}

	/**
	 * Starts a program.
	 * @param log receives both of its outputs; appended to
	 * @param command the program and its arguments
	 * @return the running process
	 * @throws IOException if it cannot be started
	 */
	public static ChildProcess start(Path log, List<String> command) throws IOException {
		return start(log, command, Map.of());
	}

	/**
	 * Starts a program with additional environment variables.
	 * @param log receives both of its outputs; appended to
	 * @param command the program and its arguments
	 * @param environment variables to add
	 * @return the running process
	 * @throws IOException if it cannot be started
	 */
	public static ChildProcess start(Path log, List<String> command, Map<String, String> environment)
			throws IOException {
		return start(log, Path.of(""), command, environment);
	}

	/**
	 * Starts a program in a directory, with additional environment variables.
	 * @param log receives both of its outputs; appended to
	 * @param directory where it runs
	 * @param command the program and its arguments
	 * @param environment variables to add
	 * @return the running process
	 * @throws IOException if it cannot be started
	 */
	public static ChildProcess start(Path log, Path directory, List<String> command, Map<String, String> environment)
			throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toAbsolutePath().toFile())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
			.redirectInput(ProcessBuilder.Redirect.from(nullDevice()));
		builder.environment().putAll(environment);
		Process process = builder.start();
		running.add(process);
		process.onExit().thenRun(() -> running.remove(process));
		return new ChildProcess(List.copyOf(command), process, log);
	}

	/**
	 * Starts a small JVM with this one's class path.
	 * @param log receives both of its outputs; appended to
	 * @param main the class with the main method
	 * @param arguments its arguments
	 * @return the running process
	 * @throws IOException if it cannot be started
	 */
	public static ChildProcess startJava(Path log, Class<?> main, String... arguments) throws IOException {
		List<String> command = new ArrayList<>(List.of(
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
				"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), main.getName()));
		command.addAll(List.of(arguments));
		return start(log, command);
	}

	/**
	 * Runs a program to its end.
	 * @param timeout how long it may take; it is killed afterwards
	 * @param command the program and its arguments
	 * @return what it printed on both outputs
	 * @throws IOException if it cannot be started
	 * @throws IllegalStateException if it failed or took too long; the message holds what
	 * it printed
	 */
	public static String output(Duration timeout, List<String> command) throws IOException {
		Path log = Files.createTempFile("litestream-test-", ".log");
		try (ChildProcess child = start(log, command)) {
			int exitCode = child.awaitExit(timeout);
			if (exitCode != 0) {
				throw new IllegalStateException(String.format(Locale.ROOT,
						"%s ended with exit code %d and printed:%n%s", command, exitCode, child.log()));
			}
			return child.log();
		}
		finally {
			Files.deleteIfExists(log);
		}
	}

	private static File nullDevice() {
		return new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
	}

	/**
	 * The process's id.
	 * @return the id
	 */
	public long pid() {
		return this.process.pid();
	}

	/**
	 * Whether it still runs; a paused process does.
	 * @return whether it has not ended
	 */
	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * What it has printed so far.
	 * @return both outputs
	 */
	public String log() {
		try {
			return Files.readString(this.log, StandardCharsets.ISO_8859_1);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Waits for its end.
	 * @param timeout how long it may take; it is killed afterwards
	 * @return its exit code
	 * @throws IllegalStateException if it took too long; the message holds what it
	 * printed
	 */
	public int awaitExit(Duration timeout) {
		try {
			if (this.process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
				return this.process.exitValue();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.process.destroyForcibly();
		throw new IllegalStateException(String.format(Locale.ROOT,
				"%s did not end within %s and was killed; it printed:%n%s", this.command, timeout, log()));
	}

	/**
	 * Asks it to end (SIGTERM) and waits until it has; kills it after thirty seconds.
	 */
	public void stop() {
		if (isAlive()) {
			signal("CONT"); // a paused process would not see the other signal
			this.process.destroy();
			awaitExit(Duration.ofSeconds(30));
		}
	}

	/**
	 * Kills it (SIGKILL) and waits until it has ended.
	 */
	public void kill() {
		if (isAlive()) {
			this.process.destroyForcibly();
			awaitExit(Duration.ofSeconds(30));
		}
	}

	/**
	 * Freezes it (SIGSTOP): its connections stay open and nothing answers.
	 */
	public void pause() {
		signal("STOP");
		// kill returns before the threads have stopped, and one could still answer
		Path threads = Path.of("/proc", Long.toString(pid()), "task");
		long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
		while (isAlive() && Files.isDirectory(threads) && !allStopped(threads)) {
			if (System.nanoTime() > deadline) {
				throw new IllegalStateException(
						String.format(Locale.ROOT, "Process %d did not stop on SIGSTOP", pid()));
			}
			LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
		}
	}

	private static boolean allStopped(Path threads) {
		try (Stream<Path> all = Files.list(threads)) {
			for (Path thread : all.toList()) {
				String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
				if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
					return false;
				}
			}
			return true;
		}
		catch (IOException ex) {
			return false; // a thread that ended meanwhile: look again
		}
	}

	/**
	 * Lets a paused process go on (SIGCONT).
	 */
	public void resume() {
		signal("CONT");
	}

	/** Sends a signal, named without SIG, such as {@code HUP}. */
	void signal(String name) {
		try {
			Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).redirectErrorStream(true)
				.start();
			if (kill.waitFor() != 0 && isAlive()) {
				throw new IllegalStateException(String.format(Locale.ROOT, "kill -%s %d failed: %s", name, pid(),
						new String(kill.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while signalling process " + pid(), ex);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Kills it if it still runs. */
	@Override
	public void close() {
		kill();
	}

}
