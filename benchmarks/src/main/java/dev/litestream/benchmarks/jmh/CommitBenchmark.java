package dev.litestream.benchmarks.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import dev.litestream.DatabaseOptions;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.benchmarks.writer.Rows;
import dev.litestream.engine.LitestreamEngine;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import org.springframework.util.FileSystemUtils;

/**
 * One small commit: alone, with replication going on beside it, and until it is in the
 * replica, which is in memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CommitBenchmark {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final Rows rows = new Rows(1);

	private Path directory;

	private Writer alone;

	private LitestreamEngine engine;

	private ReplicatedDatabase database;

	private Writer replicated;

	@Setup
	public void prepare() throws IOException, SQLException {
		this.directory = Files.createTempDirectory("litestream-benchmarks-");
		this.alone = Writer.open(this.directory.resolve("alone.db"));
		Path path = this.directory.resolve("replicated.db");
		this.engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).maxObjectsPerSecond(1e6).build(), new MemoryReplicaClient())
			.build();
		this.engine.restore();
		this.database = this.engine.databases().get(0);
		this.replicated = Writer.open(path);
		this.database.prepare(this.replicated.connection());
		this.engine.start();
	}

	@Benchmark
	public void commitAlone() throws SQLException {
		this.alone.commit(this.rows);
	}

	@Benchmark
	public void commit() throws SQLException {
		this.replicated.commit(this.rows);
		this.database.signalCommit();
	}

	@Benchmark
	public void commitAndReplicate() throws SQLException, InterruptedException {
		this.replicated.commit(this.rows);
		this.database.signalCommit();
		if (!this.database.sync(TIMEOUT)) {
			throw new IllegalStateException("Not replicated in time: " + this.database.status());
		}
	}

	@TearDown
	public void end() throws IOException, SQLException {
		this.alone.connection().close();
		this.engine.stop();
		this.replicated.connection().close();
		this.engine.close();
		FileSystemUtils.deleteRecursively(this.directory);
	}

	/**
	 * A connection and its statement.
	 *
	 * @param connection the connection
	 * @param insert inserts a row
	 */
	record Writer(Connection connection, PreparedStatement insert) {

		static Writer open(Path path) throws SQLException {
			Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
			try (Statement statement = connection.createStatement()) {
				statement.execute("pragma journal_mode = wal");
				statement.execute("pragma synchronous = normal");
				statement.execute("create table item(id integer primary key, body blob)");
			}
			return new Writer(connection, connection.prepareStatement("insert into item(body) values(?)"));
		}

		void commit(Rows rows) throws SQLException {
			this.insert.setBytes(1, rows.next(100));
			this.insert.executeUpdate();
		}

	}

}
