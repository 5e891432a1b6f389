package dev.litestream.wal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;

import org.sqlite.SQLiteConnection;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A real database in WAL mode that nobody checkpoints unless asked, and its file as it
 * was before the first frame.
 */
final class WalDatabase implements AutoCloseable {

	private final Path path;

	private final int pageSize;

	private final byte[] base;

	private final Connection connection;

	private WalDatabase(Path path, int pageSize, byte[] base, Connection connection) {
		this.path = path;
		this.pageSize = pageSize;
		this.base = base;
		this.connection = connection;
	}

	static WalDatabase create(Path directory, int pageSize) throws SQLException, IOException {
		return create(directory, pageSize, "NONE");
	}

	static WalDatabase create(Path directory, int pageSize, String autoVacuum) throws SQLException, IOException {
		Path path = Files.createTempDirectory(directory, "db").resolve("app.db");
		try (Connection connection = connect(path)) {
			execute(connection, "pragma page_size = " + pageSize, "pragma auto_vacuum = " + autoVacuum,
					"pragma journal_mode = wal", "create table t (id integer primary key, v blob)",
					"create index t_v on t (substr(v, 1, 8))");
		}
		// read while no connection is open: closing the file would drop SQLite's locks
		byte[] base = Files.readAllBytes(path);
		return new WalDatabase(path, pageSize, base, connect(path));
	}

	static Connection connect(Path path) throws SQLException {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
		execute(connection, "pragma wal_autocheckpoint = 0", "pragma synchronous = off");
		return connection;
	}

	static void execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	void execute(String... statements) throws SQLException {
		execute(this.connection, statements);
	}

	/** Inserts rows with random blobs in one statement. */
	void insert(int rows, int blobSize) throws SQLException {
		execute(String.format(Locale.ROOT,
				"with recursive n(i) as (select 1 union all select i + 1 from n where i < %d) ", rows)
				+ String.format(Locale.ROOT, "insert into t (v) select randomblob(%d) from n", blobSize));
	}

	/** Copies the whole WAL into the database; the next commit restarts it. */
	void checkpoint() throws SQLException {
		try (Statement statement = this.connection.createStatement();
				ResultSet result = statement.executeQuery("pragma wal_checkpoint(passive)")) {
			assertThat(result.next()).isTrue();
			assertThat(result.getInt(1)).as("busy").isZero();
			assertThat(result.getInt(3)).as("backfilled frames").isEqualTo(result.getInt(2));
		}
	}

	long count() throws SQLException {
		return count(this.connection);
	}

	static long count(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select count(*) from t")) {
			assertThat(result.next()).isTrue();
			return result.getLong(1);
		}
	}

	Path wal() {
		return this.path.resolveSibling("app.db-wal");
	}

	byte[] base() {
		return this.base;
	}

	int pageSize() {
		return this.pageSize;
	}

	/** The database as SQLite sees it. */
	byte[] image() throws SQLException {
		return this.connection.unwrap(SQLiteConnection.class).serialize("main");
	}

	/** The base file with the frames of a map over it. */
	byte[] overlay(WalReader reader, PageMap pages, long commit) throws IOException {
		byte[] image = Arrays.copyOf(this.base, Math.toIntExact(commit * this.pageSize));
		byte[] page = new byte[this.pageSize];
		for (int bits : pages.sortedPages()) {
			long pgno = Integer.toUnsignedLong(bits);
			assertThat(reader.readPage(pages.offset(pgno), pgno, page)).isTrue();
			System.arraycopy(page, 0, image, Math.toIntExact((pgno - 1) * this.pageSize), this.pageSize);
		}
		return image;
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

}
