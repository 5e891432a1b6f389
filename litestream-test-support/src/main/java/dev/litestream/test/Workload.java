package dev.litestream.test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Random work on a SQLite database, repeatable by its seed: inserts, updates and deletes
 * in transactions of every size, rollbacks, overflow pages, tables and indexes that come
 * and go, {@code VACUUM} and {@code incremental_vacuum}. Its tables are named {@code w0},
 * {@code w1}, ...; others are left alone. The same seed on an equal database makes the
 * same changes. Not thread-safe.
 */
public final class Workload {

	private static final int MAX_TABLES = 6;

	private final Connection connection;

	private final Random random;

	private final long seed;

	private final List<String> history = new ArrayList<>();

	private boolean vacuum = true;

	private boolean inTransaction;

	/**
	 * Creates a workload; nothing is done yet.
	 * @param connection the connection to work on, in auto-commit mode
	 * @param seed the same seed makes the same work
	 */
	public Workload(Connection connection, long seed) {
		this.connection = connection;
		this.seed = seed;
		this.random = new Random(seed);
	}

	/**
	 * Leaves out {@code VACUUM}, which needs the database for itself.
	 * @return this workload
	 */
	public Workload withoutVacuum() {
		this.vacuum = false;
		return this;
	}

	/**
	 * Works inside of the caller's transaction: what is rolled back is a savepoint, and
	 * there is no {@code VACUUM}.
	 * @return this workload
	 */
	public Workload inTransaction() {
		this.inTransaction = true;
		return withoutVacuum();
	}

	/**
	 * Does several pieces of work.
	 * @param steps how many
	 * @return this workload
	 * @throws SQLException if a statement failed
	 */
	public Workload run(int steps) throws SQLException {
		for (int step = 0; step < steps; step++) {
			step();
		}
		return this;
	}

	/**
	 * Does one piece of work: at most one committed transaction, or none if it works
	 * inside of the caller's.
	 * @return what was done
	 * @throws SQLException if a statement failed
	 */
	public String step() throws SQLException {
		List<String> tables = tables();
		int dice = this.random.nextInt(100);
		String done;
		if (tables.isEmpty() || (dice < 4 && tables.size() < MAX_TABLES)) {
			done = createTable();
		}
		else {
			String table = tables.get(this.random.nextInt(tables.size()));
			done = work(table, tables.size(), dice);
		}
		this.history.add(done);
		return done;
	}

	private String work(String table, int tables, int dice) throws SQLException {
		if (dice < 45) {
			return insert(table, 1 + this.random.nextInt(20));
		}
		if (dice < 65) {
			return update(table);
		}
		if (dice < 78) {
			return delete(table);
		}
		if (dice < 84) {
			return rollBack(table);
		}
		if (dice < 88) {
			return insertMuch(table);
		}
		if (dice < 91) {
			return toggleIndex(table);
		}
		if (dice < 94) {
			return execute(String.format(Locale.ROOT, "PRAGMA incremental_vacuum(%d)", 1 + this.random.nextInt(50)));
		}
		if (dice < 96 && tables > 1) {
			return execute("DROP TABLE " + table);
		}
		return this.vacuum ? execute("VACUUM") : update(table);
	}

	private String createTable() throws SQLException {
		List<String> tables = tables();
		int number = 0;
		while (tables.contains("w" + number)) {
			number++;
		}
		return execute(
				String.format(Locale.ROOT, "CREATE TABLE w%d (id INTEGER PRIMARY KEY, name TEXT, body BLOB)", number));
	}

	private String insert(String table, int rows) throws SQLException {
		return inTransaction(String.format(Locale.ROOT, "insert %d rows into %s", rows, table), true,
				() -> insertRows(table, rows, 600));
	}

	private String insertMuch(String table) throws SQLException {
		int rows = 100 + this.random.nextInt(200);
		return inTransaction(String.format(Locale.ROOT, "insert %d large rows into %s", rows, table), true,
				() -> insertRows(table, rows, 9000));
	}

	private String rollBack(String table) throws SQLException {
		return inTransaction("roll back an insert into " + table, false, () -> insertRows(table, 50, 5000));
	}

	private String update(String table) throws SQLException {
		int divisor = 1 + this.random.nextInt(20);
		return execute(String.format(Locale.ROOT, "UPDATE %s SET name = 'u%d', body = zeroblob(%d) WHERE id %% %d = %d",
				table, this.random.nextInt(1000), this.random.nextInt(3000), divisor, this.random.nextInt(divisor)));
	}

	private String delete(String table) throws SQLException {
		int divisor = 1 + this.random.nextInt(8);
		return execute(String.format(Locale.ROOT, "DELETE FROM %s WHERE id %% %d = %d", table, divisor,
				this.random.nextInt(divisor)));
	}

	private String toggleIndex(String table) throws SQLException {
		String index = "i_" + table;
		boolean exists = !names(String.format(Locale.ROOT,
				"SELECT name FROM sqlite_schema WHERE type = 'index' AND name = '%s'", index))
			.isEmpty();
		return execute(exists ? "DROP INDEX " + index
				: String.format(Locale.ROOT, "CREATE INDEX %s ON %s (name)", index, table));
	}

	private void insertRows(String table, int rows, int maxBytes) throws SQLException {
		try (PreparedStatement insert = this.connection
			.prepareStatement("INSERT INTO " + table + " (name, body) VALUES (?, ?)")) {
			for (int row = 0; row < rows; row++) {
				byte[] body = new byte[this.random.nextInt(maxBytes)];
				this.random.nextBytes(body);
				insert.setString(1, "n" + this.random.nextInt(10000));
				insert.setBytes(2, body);
				insert.executeUpdate();
			}
		}
	}

	private String inTransaction(String description, boolean commit, Work work) throws SQLException {
		if (this.inTransaction) {
			return inSavepoint(description, commit, work);
		}
		this.connection.setAutoCommit(false);
		try {
			work.run();
			if (commit) {
				this.connection.commit();
			}
			else {
				this.connection.rollback();
			}
		}
		catch (SQLException ex) {
			this.connection.rollback();
			throw ex;
		}
		finally {
			this.connection.setAutoCommit(true);
		}
		return description;
	}

	private String inSavepoint(String description, boolean keep, Work work) throws SQLException {
		execute("SAVEPOINT work");
		work.run();
		if (!keep) {
			execute("ROLLBACK TO work");
		}
		execute("RELEASE work");
		return description;
	}

	private String execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			// to its last step, unlike execute: incremental_vacuum frees one page in each
			statement.executeUpdate(sql);
		}
		return sql;
	}

	private List<String> tables() throws SQLException {
		return names("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'w[0-9]' ORDER BY name");
	}

	private List<String> names(String query) throws SQLException {
		List<String> names = new ArrayList<>();
		try (Statement statement = this.connection.createStatement();
				ResultSet result = statement.executeQuery(query)) {
			while (result.next()) {
				names.add(result.getString(1));
			}
		}
		return names;
	}

	/** The seed and what was done, for the message of a failed test. */
	@Override
	public String toString() {
		return "workload of seed " + this.seed + ": " + String.join("; ", this.history);
	}

	private interface Work {

		void run() throws SQLException;

	}

}
