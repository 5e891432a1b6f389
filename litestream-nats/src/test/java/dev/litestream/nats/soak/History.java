package dev.litestream.nats.soak;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

import dev.litestream.test.Workload;

/**
 * Which commits a database holds, as it says itself: they are numbered without gaps, and
 * each run of the application writes down its first one. What a commit does depends on
 * its number and its run only, so that a history tells all rows. Commits that a killed
 * run made and nothing holds are replaced by those of the next run. Immutable.
 *
 * @param runs first commit to run
 * @param commits the last commit
 */
record History(NavigableMap<Long, Integer> runs, long commits) {

	/** Before the first commit. */
	static final History EMPTY = new History(new TreeMap<>(), 0);

	/**
	 * Reads the history of a database.
	 * @param connection to the database
	 * @return its history
	 */
	static History of(Connection connection) throws SQLException {
		NavigableMap<Long, Integer> runs = new TreeMap<>();
		try (Statement statement = connection.createStatement()) {
			try (ResultSet rows = statement.executeQuery("SELECT first, number FROM run")) {
				while (rows.next()) {
					runs.put(rows.getLong(1), rows.getInt(2));
				}
			}
			return new History(runs, commits(statement));
		}
	}

	private static long commits(Statement statement) throws SQLException {
		try (ResultSet row = statement.executeQuery("SELECT commits FROM progress")) {
			row.next();
			return row.getLong(1);
		}
	}

	/** The number of the next commit, inside of its transaction. */
	static long next(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			return commits(statement) + 1;
		}
	}

	/** Creates what a new database needs, inside of a transaction. */
	static void create(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.executeUpdate("CREATE TABLE IF NOT EXISTS run(number INTEGER PRIMARY KEY, first INTEGER)");
			statement
				.executeUpdate("CREATE TABLE IF NOT EXISTS progress(id INTEGER PRIMARY KEY, commits INTEGER NOT NULL)");
			statement.executeUpdate("INSERT OR IGNORE INTO progress VALUES(1, 0)");
		}
	}

	/** Begins a run, as the work of a commit. */
	static void begin(Connection connection, int run, long commit) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.executeUpdate(String.format(Locale.ROOT, "INSERT INTO run VALUES(%d, %d)", run, commit));
			statement.executeUpdate("UPDATE progress SET commits = " + commit);
		}
	}

	/** Does the work of a commit that begins no run. */
	static void work(Connection connection, long seed, int run, long commit) throws SQLException {
		long mixed = new SplittableRandom(seed + run * 1_000_000_007L + commit).nextLong();
		new Workload(connection, mixed).inTransaction().step();
		try (Statement statement = connection.createStatement()) {
			statement.executeUpdate("UPDATE progress SET commits = " + commit);
		}
	}

	/** The run that made a commit, or 0 if the commit is not there. */
	int runOf(long commit) {
		Map.Entry<Long, Integer> run = this.runs.floorEntry(commit);
		return (commit > this.commits || run == null) ? 0 : run.getValue();
	}

	/** The last commit of a run, or 0 if there is none. */
	long lastOf(int run) {
		for (Map.Entry<Long, Integer> entry : this.runs.entrySet()) {
			if (entry.getValue() == run) {
				Long next = this.runs.higherKey(entry.getKey());
				return (next != null) ? next - 1 : this.commits;
			}
		}
		return 0;
	}

	/** Whether another history continues this one. */
	boolean isBeginOf(History other) {
		return this.commits <= other.commits && this.runs.equals(other.runs.headMap(this.commits, true));
	}

}
