package dev.litestream.spring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.sql.DataSource;

import dev.litestream.DatabaseOptions;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database of notes, {@code notes(id, text)}, and its replica in a directory.
 */
public final class NotesDatabase {

	private final Path directory;

	private final String name;

	public NotesDatabase(Path directory) {
		this(directory, "notes");
	}

	public NotesDatabase(Path directory, String name) {
		this.directory = directory;
		this.name = name;
	}

	public Path path() {
		return this.directory.resolve("data").resolve(this.name + ".db");
	}

	public Path replica() {
		return this.directory.resolve("replica-" + this.name);
	}

	public String url() {
		return "jdbc:sqlite:" + path();
	}

	/**
	 * Properties that replicate this database as the first one.
	 */
	public String[] properties() {
		return properties(0);
	}

	public String[] properties(int index) {
		return new String[] { "litestream.dbs[" + index + "].path=" + path(),
				"litestream.dbs[" + index + "].replica.url=" + replica().toUri() };
	}

	/**
	 * Creates the database, replicates it and deletes it, so that only the replica holds
	 * these notes.
	 */
	public NotesDatabase onlyInReplica(String... notes) {
		return onlyInReplica(List.of("create table notes (id integer primary key, text varchar(255))"), notes);
	}

	public NotesDatabase onlyInReplica(List<String> schema, String... notes) {
		create(schema, notes);
		DatabaseOptions options = DatabaseOptions.of(path()).build();
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(options, new FileReplicaClient(replica()))
			.build()) {
			engine.start();
			assertThat(engine.databases().get(0).sync(Duration.ofSeconds(30))).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		delete();
		return this;
	}

	public void create(List<String> schema, String... notes) {
		try {
			Files.createDirectories(path().getParent());
			try (Connection connection = DriverManager.getConnection(url());
					Statement statement = connection.createStatement()) {
				for (String sql : schema) {
					statement.execute(sql);
				}
				if (notes.length > 0) {
					insert(connection, notes);
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public void delete() {
		try (Stream<Path> files = Files.walk(path().getParent())) {
			for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
				if (file.startsWith(path().getParent()) && !file.equals(path().getParent())
						&& file.toString().contains(path().getFileName().toString())) {
					Files.delete(file);
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		assertThat(path()).doesNotExist();
	}

	public static void insert(DataSource dataSource, String... notes) {
		try (Connection connection = dataSource.getConnection()) {
			insert(connection, notes);
			if (!connection.getAutoCommit()) {
				connection.commit();
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void insert(Connection connection, String... notes) throws SQLException {
		try (var insert = connection.prepareStatement("insert into notes (text) values (?)")) {
			for (String note : notes) {
				insert.setString(1, note);
				insert.executeUpdate();
			}
		}
	}

	public static List<String> notes(DataSource dataSource) {
		try (Connection connection = dataSource.getConnection()) {
			return notes(connection);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static List<String> notes(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("select text from notes order by id")) {
			List<String> notes = new ArrayList<>();
			while (rows.next()) {
				notes.add(rows.getString(1));
			}
			return notes;
		}
	}

	/**
	 * The notes that a restore of the replica brings back.
	 */
	public List<String> notesInReplica() {
		try (FileReplicaClient client = new FileReplicaClient(replica())) {
			Path directory = Files.createTempDirectory(this.directory, "restored");
			Path copy = directory.resolve("copy.db");
			client.open();
			new Restorer().restore(client, RestoreOptions.latest(copy), null);
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy)) {
				return notes(connection);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
