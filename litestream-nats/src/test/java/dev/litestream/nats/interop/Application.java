package dev.litestream.nats.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.sqlite.SQLiteConnection;

/**
 * An application's database: one connection in WAL mode without automatic checkpoints, as
 * the documentation of either program asks for. Who replicates it is up to the test.
 */
final class Application implements AutoCloseable {

	private final Path path;

	private final Connection connection;

	private Application(Path path, Connection connection) {
		this.path = path;
		this.connection = connection;
	}

	/**
	 * Creates a database.
	 * @param path the database file; its directory is created
	 * @param pageSize the page size, in bytes
	 * @return the application, its database empty
	 */
	static Application create(Path path, int pageSize) throws SQLException, IOException {
		Files.createDirectories(path.getParent());
		Application application = new Application(path, DriverManager.getConnection("jdbc:sqlite:" + path));
		application.execute("PRAGMA page_size = " + pageSize, "PRAGMA auto_vacuum = INCREMENTAL");
		return application.inWalMode();
	}

	/**
	 * Opens a database that exists.
	 * @param path the database file
	 * @return the application
	 */
	static Application open(Path path) throws SQLException {
		return new Application(path, DriverManager.getConnection("jdbc:sqlite:" + path)).inWalMode();
	}

	private Application inWalMode() throws SQLException {
		execute("PRAGMA busy_timeout = 10000", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL",
				"PRAGMA wal_autocheckpoint = 0");
		return this;
	}

	Path path() {
		return this.path;
	}

	Connection connection() {
		return this.connection;
	}

	void execute(String... statements) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			for (String sql : statements) {
				// to its last step, unlike execute: incremental_vacuum frees one page in
				// each
				statement.executeUpdate(sql);
			}
		}
	}

	/**
	 * Inserts rows of random sizes, in one transaction.
	 * @param table a table with the columns {@code name} and {@code body}
	 * @param rows how many
	 */
	void insert(String table, int rows) throws SQLException {
		execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows + ") INSERT INTO "
				+ table + "(name, body) SELECT 'n' || i, randomblob(abs(random()) % 4000) FROM n");
	}

	long query(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getLong(1);
		}
	}

	/**
	 * Writes what the connection sees, byte for byte, into a file. For databases that fit
	 * into memory.
	 * @param file the file to write
	 * @return the file
	 */
	Path image(Path file) throws SQLException, IOException {
		return Files.write(file, this.connection.unwrap(SQLiteConnection.class).serialize("main"));
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

}
