package dev.litestream.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Another process that has the same database open and knows nothing of replication: a JVM
 * that runs SQL as it is told. Killed at the latest by {@link #close()}.
 */
final class ForeignProcess implements AutoCloseable {

	private final Process process;

	private final PrintWriter in;

	private final BufferedReader out;

	private ForeignProcess(Process process) {
		this.process = process;
		this.in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
		this.out = process.inputReader(StandardCharsets.UTF_8);
	}

	static ForeignProcess on(Path database) throws IOException {
		return new ForeignProcess(
				new ProcessBuilder(command(List.of("-Xmx64m"), ForeignProcess.class, database.toString()))
					.redirectError(ProcessBuilder.Redirect.INHERIT)
					.start());
	}

	/** The command line of a JVM with this one's class path. */
	static List<String> command(List<String> options, Class<?> main, String... arguments) {
		List<String> command = new java.util.ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(options);
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), main.getName()));
		command.addAll(List.of(arguments));
		return command;
	}

	/**
	 * Runs a statement.
	 * @return the first column of the first row, or an empty string
	 * @throws SQLException if the other process could not
	 */
	String execute(String sql) throws SQLException, IOException {
		this.in.println(sql);
		String answer = this.out.readLine();
		if (answer == null || answer.startsWith("!")) {
			throw new SQLException("The other process answered " + answer + " to " + sql);
		}
		return answer.substring(1);
	}

	/** Begins to insert into table f and to checkpoint in every way, without end. */
	void storm() throws SQLException, IOException {
		execute("storm");
	}

	/**
	 * Ends the storm.
	 * @return how many rounds there were
	 */
	long endStorm() throws SQLException, IOException {
		return Long.parseLong(execute("end"));
	}

	@Override
	public void close() {
		this.in.close();
		try {
			if (!this.process.waitFor(20, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * The other process: a statement each line, "=" with the result or "!" with why not.
	 */
	public static void main(String[] args) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + args[0])) {
			Storm storm = null;
			BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				try {
					String answer;
					if (line.equals("storm")) {
						storm = new Storm(args[0]);
						storm.start();
						answer = "";
					}
					else if (line.equals("end") && storm != null) {
						answer = Long.toString(storm.end());
					}
					else {
						answer = run(connection, line);
					}
					System.out.println("=" + answer);
				}
				catch (SQLException | IllegalStateException ex) {
					System.out.println("!" + ex.getMessage());
				}
			}
		}
	}

	private static String run(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			if (!statement.execute(sql)) {
				return "";
			}
			try (ResultSet result = statement.getResultSet()) {
				return result.next() ? String.valueOf(result.getString(1)) : "";
			}
		}
	}

	/** Inserts and checkpoints. */
	private static final class Storm extends Thread {

		private static final List<String> KINDS = List.of("PASSIVE", "FULL", "RESTART", "TRUNCATE");

		private final String database;

		private volatile boolean ended;

		private volatile SQLException failure;

		private long rounds;

		Storm(String database) {
			super("storm");
			this.database = database;
		}

		@Override
		public void run() {
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.database)) {
				ForeignProcess.run(connection, "PRAGMA synchronous=NORMAL");
				while (!this.ended) {
					ForeignProcess.run(connection, "PRAGMA busy_timeout=20000");
					ForeignProcess.run(connection, "INSERT INTO f(v) VALUES(randomblob(abs(random()) % 9000))");
					// A foreign checkpoint holds the write lock while it waits for us.
					ForeignProcess.run(connection, "PRAGMA busy_timeout=5");
					ForeignProcess.run(connection,
							"PRAGMA wal_checkpoint(" + KINDS.get((int) (this.rounds % KINDS.size())) + ")");
					this.rounds++;
					LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
				}
			}
			catch (SQLException ex) {
				this.failure = ex;
			}
		}

		long end() {
			this.ended = true;
			try {
				join();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			if (this.failure != null) {
				throw new IllegalStateException("The storm failed: " + this.failure.getMessage());
			}
			return this.rounds;
		}

	}

}
