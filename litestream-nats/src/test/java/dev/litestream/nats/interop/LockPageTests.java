package dev.litestream.nats.interop;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database that grows past 1 GiB, where SQLite leaves out the page that it locks: both
 * programs write it, each restores the other's. Nearly all of it is zeros.
 */
@NatsServerTest
@Tag("slow")
class LockPageTests {

	private static final long LOCK_BYTE = 1 << 30;

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(ints = { 4096, 65536 })
	void isLeftOutByBoth(int pageSize, NatsServer server) throws Exception {
		Path database = createAlmostUpToTheLockPage(pageSize);
		try (ReplicaBucket bucket = new ReplicaBucket(server, "lock-page-ours-" + pageSize, this.directory)) {
			try (Application app = Application.open(database);
					Replication ours = Replication.start(app, bucket.url())) {
				ours.sync();
				growAcrossTheLockPage(app);
				ours.sync();
				assertThat(bucket.files(0)).hasSizeGreaterThan(1);
			}
			Databases.checkpoint(database);
			assertThat(Files.size(database)).isGreaterThan(LOCK_BYTE + (1 << 20));
			requireSame(bucket.restoredByLitestream(), database);
		}
		forgetSpool(database);
		try (ReplicaBucket bucket = new ReplicaBucket(server, "lock-page-theirs-" + pageSize, this.directory)) {
			try (Application app = Application.open(database)) {
				Oracle.replicateOnce(database, bucket.url());
				app.execute("DELETE FROM t WHERE id > 2", "PRAGMA incremental_vacuum");
				assertThat(app.query("PRAGMA page_count") * pageSize).isLessThan(LOCK_BYTE);
				Oracle.replicateOnce(database, bucket.url());
				growAcrossTheLockPage(app);
				Oracle.replicateOnce(database, bucket.url());
			}
			Databases.checkpoint(database);
			assertThat(Files.size(database)).isGreaterThan(LOCK_BYTE + (1 << 20));
			requireSame(bucket.restoredByUs(), database);
		}
	}

	private Path createAlmostUpToTheLockPage(int pageSize) throws Exception {
		Path database = this.directory.resolve("data/app.db");
		Files.createDirectories(database.getParent());
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA page_size = " + pageSize);
			statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
			statement.execute("PRAGMA journal_mode = OFF");
			statement.execute("PRAGMA synchronous = OFF");
			statement.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
			for (int i = 0; i < 2; i++) {
				statement.execute("INSERT INTO t(body) VALUES (zeroblob(535000000))");
			}
		}
		assertThat(Files.size(database)).isBetween(LOCK_BYTE - (8 << 20), LOCK_BYTE);
		return database;
	}

	private static void growAcrossTheLockPage(Application app) throws Exception {
		for (int i = 0; i < 4; i++) {
			app.insert("t", 1000);
		}
	}

	/** The database goes to another bucket from now on. */
	private static void forgetSpool(Path database) throws Exception {
		try (Stream<Path> files = Files.walk(database.resolveSibling(".app.db-litestream"))) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
	}

	/** By another process, since this one may have descriptors on the database. */
	private static void requireSame(Path restored, Path database) throws Exception {
		ChildProcess.output(Duration.ofMinutes(2), List.of("cmp", restored.toString(), database.toString()));
		Files.delete(restored);
	}

}
