package dev.litestream.nats.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Says what rows a database must hold: does all commits of its history again, in a
 * database that nobody replicates. Keeps some of these as a start for others. Not
 * thread-safe.
 */
final class Model {

	private static final int KEPT = 30;

	private final Path directory;

	private final long seed;

	/** By number of commits. */
	private final TreeMap<Long, State> states = new TreeMap<>();

	private long files;

	private long replayed;

	/**
	 * Creates a model.
	 * @param directory for its databases
	 * @param seed the seed of the application's work
	 */
	Model(Path directory, long seed) throws IOException {
		this.directory = Files.createDirectories(directory);
		this.seed = seed;
	}

	/**
	 * Requires that a database has the rows, tables and indexes that its history demands.
	 * @param database the database file; nobody else has it open
	 * @param history its history
	 * @return how many rows were compared
	 */
	long requireSame(Path database, History history) throws SQLException, IOException {
		Path expected = state(history);
		long rows = 0;
		try (Connection left = connect(database); Connection right = connect(expected)) {
			String schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
			requireSameRows(left, right, schema);
			for (String table : tables(right)) {
				rows += requireSameRows(left, right, "SELECT * FROM " + table + " ORDER BY rowid");
			}
		}
		return rows;
	}

	/** How many commits were done again. */
	long replayed() {
		return this.replayed;
	}

	private static Connection connect(Path database) throws SQLException {
		return DriverManager.getConnection("jdbc:sqlite:" + database);
	}

	private static List<String> tables(Connection connection) throws SQLException {
		List<String> tables = new ArrayList<>();
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
			while (rows.next()) {
				tables.add(rows.getString(1));
			}
		}
		return tables;
	}

	private static long requireSameRows(Connection left, Connection right, String query) throws SQLException {
		long count = 0;
		try (Statement leftStatement = left.createStatement();
				Statement rightStatement = right.createStatement();
				ResultSet actual = leftStatement.executeQuery(query);
				ResultSet expected = rightStatement.executeQuery(query)) {
			int columns = expected.getMetaData().getColumnCount();
			while (expected.next()) {
				count++;
				assertThat(actual.next()).as("row %d of %s is there", count, query).isTrue();
				for (int column = 1; column <= columns; column++) {
					if (!same(actual.getObject(column), expected.getObject(column))) {
						throw new AssertionError(
								String.format(Locale.ROOT, "Column %d of row %d of %s is wrong; its first column is %s",
										column, count, query, expected.getObject(1)));
					}
				}
			}
			assertThat(actual.next()).as("a row after %d of %s", count, query).isFalse();
		}
		return count;
	}

	private static boolean same(Object actual, Object expected) {
		return Arrays.deepEquals(new Object[] { actual }, new Object[] { expected });
	}

	private Path state(History history) throws SQLException, IOException {
		// Commits that another run's have replaced do not come back.
		drop(this.states.values().stream().filter((state) -> !state.isOnTheWay(history)).toList());
		var nearest = this.states.floorEntry(history.commits());
		State base = (nearest != null) ? nearest.getValue() : new State(null, History.EMPTY);
		if (base.file != null && base.history.commits() == history.commits()) {
			return base.file;
		}
		Path file = this.directory.resolve("model-" + (++this.files) + ".db");
		if (base.file != null) {
			Files.copy(base.file, file);
		}
		replay(file, base.history.commits(), history);
		// Before the new one is there, which may be older than all others.
		if (this.states.size() >= KEPT) {
			drop(List.of(this.states.firstEntry().getValue()));
		}
		this.states.put(history.commits(), new State(file, history));
		return file;
	}

	private void drop(List<State> dropped) throws IOException {
		for (State state : dropped) {
			this.states.remove(state.history.commits());
			Files.delete(state.file);
		}
	}

	private void replay(Path file, long done, History history) throws SQLException {
		try (Connection connection = connect(file); Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA synchronous=OFF");
			statement.execute("PRAGMA journal_mode=MEMORY");
			statement.execute("BEGIN");
			History.create(connection);
			for (long commit = done + 1; commit <= history.commits(); commit++) {
				Integer begun = history.runs().get(commit);
				if (begun != null) {
					History.begin(connection, begun, commit);
				}
				else {
					History.work(connection, this.seed, history.runOf(commit), commit);
				}
				this.replayed++;
			}
			statement.execute("COMMIT");
		}
	}

	private record State(@Nullable Path file, History history) {

		boolean isOnTheWay(History other) {
			return this.history.isBeginOf(other) || other.isBeginOf(this.history);
		}

	}

}
