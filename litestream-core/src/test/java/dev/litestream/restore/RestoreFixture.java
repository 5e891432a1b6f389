package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.Workload;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file replica with a history of its own, and a place to restore to.
 */
abstract class RestoreFixture {

	@TempDir
	Path temp;

	Path output;

	ReplicaClient client;

	History history;

	@BeforeEach
	void openReplica() throws IOException {
		this.output = this.temp.resolve("restored/app.db");
		this.client = new FileReplicaClient(this.temp.resolve("replica"));
		this.client.open();
		this.history = new History(this.client, 4096, this.temp);
	}

	/** Does transactions on a real database in WAL mode, one TXID each. */
	void work(int pageSize, int transactions) throws Exception {
		Path path = this.temp.resolve("source-" + pageSize + ".db");
		try (Connection connection = connect(path)) {
			execute(connection, "PRAGMA page_size=" + pageSize, "PRAGMA journal_mode=WAL");
			Workload workload = new Workload(connection, pageSize);
			for (int i = 0; i < transactions; i++) {
				workload.run((i == 0) ? 1 : 3);
				this.history.add(History.image(connection));
			}
		}
	}

	byte[] database(int pageSize, int steps) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
			execute(connection, "PRAGMA page_size=" + pageSize);
			new Workload(connection, pageSize).run(steps);
			return History.image(connection);
		}
	}

	/** A WAL whose database is gone, as a kill and a deleted database leave it. */
	void leaveWal() throws Exception {
		Path elsewhere = this.temp.resolve("intruder.db");
		try (Connection connection = connect(elsewhere)) {
			execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE intruder (x)",
					"INSERT INTO intruder VALUES (randomblob(20000))");
			Files.copy(elsewhere.resolveSibling("intruder.db-wal"), sibling("-wal"));
			Files.writeString(sibling("-shm"), "");
		}
	}

	void overwrite() throws IOException {
		new Restorer().restore(this.client,
				new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.QUICK, true), null);
	}

	RestoreResult restore(Path path, RestoreTarget target) throws IOException {
		return new Restorer().restore(this.client, new RestoreOptions(path, target, IntegrityCheck.QUICK, false), null);
	}

	void restore(Path path, IntegrityCheck check) throws IOException {
		new Restorer().restore(this.client, new RestoreOptions(path, RestoreTarget.LATEST, check, false), null);
	}

	void writeRaw(int level, int txid, byte[] file) throws IOException {
		this.client.write(level, new Txid(txid), new Txid(txid), History.at(txid), new ByteArrayInputStream(file));
	}

	static void corrupt(Path file) throws IOException {
		byte[] bytes = Files.readAllBytes(file);
		bytes[bytes.length / 2] ^= 1;
		Files.write(file, bytes);
	}

	void corruptAll() throws IOException {
		try (Stream<Path> files = Files.walk(this.temp.resolve("replica"))) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				corrupt(file);
			}
		}
	}

	static byte[] page(int... contents) {
		byte[] image = new byte[4096 * contents.length];
		for (int i = 0; i < contents.length; i++) {
			Arrays.fill(image, 4096 * i, 4096 * (i + 1), (byte) contents[i]);
		}
		return image;
	}

	static byte[] bigImage(int pages) {
		byte[] image = new byte[4096 * pages];
		new Random(pages).nextBytes(image);
		return image;
	}

	static void execute(Connection connection, String... statements) throws Exception {
		for (String sql : statements) {
			try (Statement statement = connection.createStatement()) {
				statement.execute(sql);
			}
		}
	}

	static Connection connect(Path path) throws Exception {
		return DriverManager.getConnection("jdbc:sqlite:" + path);
	}

	Path level(int level) {
		return this.temp.resolve("replica/ltx/" + level);
	}

	Path sibling(String suffix) {
		return this.output.resolveSibling(this.output.getFileName() + suffix);
	}

	int stagedFiles() throws IOException {
		try (Stream<Path> files = Files.walk(this.output.getParent())) {
			return (int) files.filter(Files::isRegularFile).count();
		}
	}

	List<String> entries() {
		if (!Files.isDirectory(this.output.getParent())) {
			return List.of();
		}
		try (Stream<Path> entries = Files.list(this.output.getParent())) {
			return entries.map((path) -> path.getFileName().toString()).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
