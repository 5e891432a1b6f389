package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Consumer;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.Databases;
import dev.litestream.test.Oracle;

/**
 * An application with one database, as tests see it: a connection, an engine and a
 * replica in a directory, started and stopped in the order that a real one keeps.
 */
final class Application implements AutoCloseable {

	static final Duration LONG = Duration.ofSeconds(30);

	private final Path directory;

	private final Consumer<DatabaseOptions.Builder> customizer;

	private final ReplicaClient client;

	final LitestreamEngine engine;

	final Connection connection;

	Application(Path directory) throws SQLException, IOException {
		this(directory, (options) -> {
		});
	}

	Application(Path directory, Consumer<DatabaseOptions.Builder> customizer) throws SQLException, IOException {
		this(directory, new FileReplicaClient(directory.resolve("replica")), customizer);
	}

	Application(Path directory, ReplicaClient client, Consumer<DatabaseOptions.Builder> customizer)
			throws SQLException, IOException {
		this.directory = directory;
		this.customizer = customizer;
		this.client = client;
		DatabaseOptions.Builder options = DatabaseOptions.of(path()).shutdownSyncTimeout(Duration.ofSeconds(10));
		this.customizer.accept(options);
		this.engine = LitestreamEngine.builder().database(options.build(), this.client).build();
		try {
			this.engine.restore();
			Files.createDirectories(path().getParent());
			this.connection = DriverManager.getConnection("jdbc:sqlite:" + path());
			database().prepare(this.connection);
			this.engine.start();
		}
		catch (SQLException | RuntimeException ex) {
			this.engine.close();
			throw ex;
		}
	}

	Path path() {
		return this.directory.resolve("data").resolve("app.db");
	}

	Path wal() {
		return path().resolveSibling("app.db-wal");
	}

	Path spool() {
		return path().resolveSibling(".app.db-litestream").resolve("ltx").resolve("0");
	}

	Path replica() {
		return this.directory.resolve("replica");
	}

	ReplicatedDatabase database() {
		return this.engine.databases().get(0);
	}

	DatabaseStatus status() {
		return database().status();
	}

	void execute(String... statements) throws SQLException {
		execute(this.connection, statements);
	}

	long query(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getLong(1);
		}
	}

	void sync() throws InterruptedException {
		if (!database().sync(LONG)) {
			throw new LitestreamException("Not replicated in time: " + status());
		}
	}

	/** Another connection of the application, prepared as a pool's would be. */
	Connection connect() throws SQLException {
		Connection connection = unprepared();
		database().prepare(connection);
		return connection;
	}

	/** A connection that signals nothing and checkpoints by itself. */
	Connection unprepared() throws SQLException {
		return DriverManager.getConnection("jdbc:sqlite:" + path());
	}

	/** Runs statements on a connection of its own. */
	static void execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	/**
	 * Syncs, restores the replica elsewhere and compares it with the live database, page
	 * by page.
	 */
	void requireReplicaEqual() throws Exception {
		sync();
		requireEqual(this.directory, replica(), this.connection);
	}

	/**
	 * Restores a replica beside a database and compares both, page by page.
	 * @param directory for temporary files
	 * @param replica the replica
	 * @param connection to the live database
	 */
	static void requireEqual(Path directory, Path replica, Connection connection) throws Exception {
		Path restored = directory.resolve("compare-" + System.nanoTime() + ".db");
		Path live = directory.resolve("live-" + System.nanoTime() + ".db");
		try {
			Oracle.restore("file://" + replica, restored);
			Files.write(live, connection.unwrap(org.sqlite.SQLiteConnection.class).serialize("main"));
			Databases.sameContent(restored, live);
		}
		finally {
			Files.deleteIfExists(restored);
			Files.deleteIfExists(live);
		}
	}

	/**
	 * Ends without the engine noticing, as a crash of the JVM does, as far as one can.
	 */
	void close(boolean cleanly) throws SQLException {
		if (cleanly) {
			this.engine.stop();
		}
		this.connection.close();
		this.engine.close();
	}

	@Override
	public void close() throws SQLException {
		close(true);
	}

}
