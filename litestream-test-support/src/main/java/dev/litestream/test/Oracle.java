package dev.litestream.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The real litestream program: what it writes and what it restores is right by
 * definition. Each call runs it to its end within a bounded time; a failure throws
 * {@link IllegalStateException} with the command and everything the program printed.
 * Thread-safe.
 */
public final class Oracle {

	private static final Duration TIMEOUT = Duration.ofMinutes(5);

	private Oracle() {
	}

	/**
	 * Restores the latest state.
	 * @param url the replica, such as {@code nats://127.0.0.1:4222/bucket} or
	 * {@code file:///folder}
	 * @param output the database file to write; must not exist
	 */
	public static void restore(String url, Path output) {
		run("restore", "-o", output.toString(), url);
	}

	/**
	 * Restores the state after a transaction.
	 * @param url the replica
	 * @param output the database file to write; must not exist
	 * @param txid the last transaction to include
	 */
	public static void restore(String url, Path output, long txid) {
		run("restore", "-txid", String.format(Locale.ROOT, "%016x", txid), "-o", output.toString(), url);
	}

	/**
	 * Restores the state at a time.
	 * @param url the replica
	 * @param output the database file to write; must not exist
	 * @param timestamp files created strictly before it are included
	 */
	public static void restore(String url, Path output, Instant timestamp) {
		run("restore", "-timestamp", timestamp.toString(), "-o", output.toString(), url);
	}

	/**
	 * Lists the LTX files of one level.
	 * @param url the replica
	 * @param level 0 to 9
	 * @return the files in the program's order
	 */
	public static List<LtxFile> ltx(String url, int level) {
		List<LtxFile> files = new ArrayList<>();
		for (String line : run("ltx", "-level", Integer.toString(level), url).lines().toList()) {
			String[] columns = line.trim().split("\\s+");
			if (columns.length == 5 && columns[1].matches("[0-9a-f]{16}")) {
				files.add(new LtxFile(Integer.parseInt(columns[0]), Long.parseUnsignedLong(columns[1], 16),
						Long.parseUnsignedLong(columns[2], 16), Long.parseLong(columns[3]), Instant.parse(columns[4])));
			}
		}
		return files;
	}

	/**
	 * Replicates a database once, to the end of its WAL, and returns.
	 * @param database the database file
	 * @param url the replica
	 * @param flags further flags, such as {@code -force-snapshot}
	 */
	public static void replicateOnce(Path database, String url, String... flags) {
		List<String> arguments = new ArrayList<>(List.of("replicate", "-once"));
		arguments.addAll(Arrays.asList(flags));
		arguments.addAll(List.of(database.toString(), url));
		run(arguments.toArray(String[]::new));
	}

	/**
	 * Starts replicating a database until stopped, with the program's defaults and a sync
	 * each second.
	 * @param database the database file
	 * @param url the replica
	 * @return the running program
	 */
	public static Replication replicate(Path database, String url) {
		return new Replication(List.of(program(), "replicate", database.toString(), url));
	}

	/**
	 * Starts replicating by a configuration file.
	 * @param configuration a {@code litestream.yml}
	 * @return the running program
	 */
	public static Replication replicate(Path configuration) {
		return new Replication(List.of(program(), "replicate", "-config", configuration.toString()));
	}

	/**
	 * Runs any command of the program.
	 * @param arguments the command and its arguments
	 * @return what it printed on both outputs
	 */
	public static String run(String... arguments) {
		List<String> command = new ArrayList<>(List.of(program()));
		command.addAll(Arrays.asList(arguments));
		try {
			return ChildProcess.output(TIMEOUT, command);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String program() {
		return Tools.litestream().toString();
	}

	/**
	 * An LTX file in a replica.
	 *
	 * @param level 0 to 9
	 * @param minTxid first transaction
	 * @param maxTxid last transaction
	 * @param size in bytes
	 * @param createdAt to the second
	 */
	public record LtxFile(int level, long minTxid, long maxTxid, long size, Instant createdAt) {
	}

	/**
	 * A running {@code litestream replicate}.
	 */
	public static final class Replication implements AutoCloseable {

		private final Path logFile;

		private final ChildProcess process;

		private Replication(List<String> command) {
			try {
				this.logFile = Files.createTempFile("litestream-oracle-", ".log");
				this.process = ChildProcess.start(this.logFile, command);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		/** The process's id. */
		public long pid() {
			return this.process.pid();
		}

		/** Whether it still runs. */
		public boolean isAlive() {
			return this.process.isAlive();
		}

		/** What it has logged so far. */
		public String log() {
			return this.process.log();
		}

		/** Stops it in good order (SIGTERM); it syncs once more. */
		public void stop() {
			this.process.stop();
		}

		/** Kills it (SIGKILL). */
		public void kill() {
			this.process.kill();
		}

		/** Kills it if it still runs, and deletes its log. */
		@Override
		public void close() {
			this.process.close();
			try {
				Files.deleteIfExists(this.logFile);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
