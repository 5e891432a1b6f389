package dev.litestream.spring;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each spelling of a database in memory, as SQLite itself takes it: only a database in a
 * file can have a WAL.
 */
class SqliteUrlTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(strings = { ":memory:", "", "file::memory:", "file::memory:?cache=shared", "file:%3Amemory%3a",
			"file:%3amem%6Fry:", "file:", "file:?cache=private", "file:#x", "file:x?mode=memory",
			"file:x?cache=shared&mode=memory", "file:x?mode=memory&cache=shared", "file:x?mode=%6demory",
			"file:x?m%6Fde=memory", "file:x?mode=memory#part", "file:x?vfs=memdb", "file:/x?vfs=memdb",
			"file:///x?vfs=memdb&foreign_keys=on", "file:x?foreign_keys=on&vfs=memdb", "file:x?vfs=m%65mdb",
			"file:x?%76fs=memdb", "file:x?vfs=memdb#part", "file://localhost/x?vfs=memdb",
			"file:DIR/x?mode=memory&mode=rwc", "file:/DIR/x?vfs=memdb&vfs=unix" })
	void inMemory(String location) throws Exception {
		String url = url(location);
		assertThat(canHaveWal(url)).as("SQLite").isFalse();
		assertThat(SqliteUrl.isInMemory(url)).isTrue();
		assertThat(SqliteUrl.isInMemory(url.replace("jdbc:sqlite", "jdbc:P6SPY:SQLite"))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "DIR/x", "file:DIR/x", "file:DIR/x?mode=rwc", "file:DIR/x?mode=rwc&mode=memory",
			"file:DIR/x?vfs=unix&vfs=memdb", "file:DIR/x?mode=rwc&cache=private", "file:///DIR/memory?mode=rwc",
			"file:DIR/mode=memory", "file:DIR/vfs=memdb.db", "file:DIR/x?my-mode=memory",
			"file:DIR/x?name=mode%3Dmemory", "file:DIR/a%20b%", "file:DIR/memdb", "DIR/100%.db?journal_mode=WAL",
			"file:DIR/x?MODE=memory", "file:DIR/x?VFS=memdb", "file:DIR/x#?mode=memory" })
	void inFile(String location) throws Exception {
		String url = url(location);
		assertThat(canHaveWal(url)).as("SQLite").isTrue();
		assertThat(SqliteUrl.isInMemory(url)).isFalse();
	}

	private String url(String location) {
		return "jdbc:sqlite:"
				+ location.replace("/DIR", this.directory.toString()).replace("DIR", this.directory.toString());
	}

	private static boolean canHaveWal(String url) throws Exception {
		try (Connection connection = DriverManager.getConnection(url);
				Statement statement = connection.createStatement();
				ResultSet mode = statement.executeQuery("PRAGMA journal_mode=WAL")) {
			return mode.next() && mode.getString(1).equals("wal");
		}
	}

}
