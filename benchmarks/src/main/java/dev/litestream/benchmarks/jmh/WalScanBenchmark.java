package dev.litestream.benchmarks.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import dev.litestream.benchmarks.writer.Rows;
import dev.litestream.wal.WalReader;
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
 * Scanning a WAL of about a thousand frames from its first one, checksums and all.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class WalScanBenchmark {

	private Path directory;

	private Path wal;

	private Connection connection;

	@Setup
	public void prepare() throws IOException, SQLException {
		this.directory = Files.createTempDirectory("litestream-benchmarks-");
		Path database = this.directory.resolve("app.db");
		this.wal = this.directory.resolve("app.db-wal");
		this.connection = DriverManager.getConnection("jdbc:sqlite:" + database);
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("pragma journal_mode = wal");
			statement.execute("pragma wal_autocheckpoint = 0");
			statement.execute("create table item(id integer primary key, body blob)");
		}
		Rows rows = new Rows(1);
		try (PreparedStatement insert = this.connection.prepareStatement("insert into item(body) values(?)")) {
			for (int i = 0; i < 500; i++) {
				insert.setBytes(1, rows.next(4000));
				insert.executeUpdate();
			}
		}
	}

	@Benchmark
	public WalReader.Scan scan() throws IOException {
		try (WalReader reader = Objects.requireNonNull(WalReader.open(this.wal))) {
			return reader.scan(reader.header().start(), 0);
		}
	}

	@TearDown
	public void end() throws IOException, SQLException {
		this.connection.close();
		FileSystemUtils.deleteRecursively(this.directory);
	}

}
