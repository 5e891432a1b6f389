package dev.litestream.engine;

import java.io.ByteArrayInputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxReader;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Which pages an LTX file holds: what grows, shrinks, is rolled back, or has no frame at
 * all.
 */
class CaptureHazardTests {

	private static final String ROWS = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
			+ " SELECT i FROM n)";

	@TempDir
	Path directory;

	@Test
	@Hazard("B1")
	void pagesThatGrewWithoutAFrameAreShipped() throws Exception {
		long pages;
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
			pages = app.query("PRAGMA page_count");
		}
		Path database = this.directory.resolve("data/app.db");
		appendCommit(database.resolveSibling("app.db-wal"), pages + 3);
		try (Application app = new Application(this.directory)) {
			assertThat(app.query("PRAGMA page_count")).isEqualTo(pages + 3);
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isZero();
			Txid txid = app.status().txid();
			try (LtxReader ltx = new LtxReader(
					Files.newInputStream(
							app.replica().resolve(String.format(Locale.ROOT, "ltx/0/%s-%s.ltx", txid, txid))),
					"newest")) {
				assertThat(ltx.header().commit()).isEqualTo(pages + 3);
			}
		}
	}

	@Test
	@Hazard("B1")
	void everyFileCoversWhatGrewSinceTheOneBefore() throws Exception {
		try (Application app = new Application(this.directory); Connection unseen = app.unprepared()) {
			Application.execute(unseen, "PRAGMA cache_size=5");
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			for (int i = 0; i < 12; i++) {
				Application.execute(unseen, "BEGIN",
						"INSERT INTO t(v) SELECT randomblob(9000) FROM " + String.format(Locale.ROOT, ROWS, 30),
						"ROLLBACK", "BEGIN",
						"INSERT INTO t(v) SELECT zeroblob(30000) FROM " + String.format(Locale.ROOT, ROWS, 10 + i),
						"DELETE FROM t WHERE id % 3 = " + i % 3, "COMMIT");
				app.sync();
			}
			app.requireReplicaEqual();
			requireCoverage(app.replica().resolve("ltx/0"));
		}
	}

	@Test
	@Hazard("F11")
	void nothingIsAddedToTheDatabase() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(20))) {
			app.execute("CREATE TABLE t(v BLOB)", "PRAGMA user_version=7", "PRAGMA application_id=8");
			long schema = app.query("PRAGMA schema_version");
			app.sync();
			await().atMost(Application.LONG).until(() -> {
				app.execute("INSERT INTO t VALUES(randomblob(9000))");
				app.sync();
				return app.status().counters().checkpoints() > 2;
			});
			assertThat(app.query("SELECT count(*) FROM sqlite_schema")).isEqualTo(1);
			assertThat(app.query("PRAGMA schema_version")).isEqualTo(schema);
			assertThat(app.query("PRAGMA user_version")).isEqualTo(7);
			assertThat(app.query("PRAGMA application_id")).isEqualTo(8);
		}
	}

	@ParameterizedTest
	@Hazard("B2")
	@Hazard("B3")
	@ValueSource(booleans = { true, false })
	void databaseThatShrinksAndGrowsIsNotMixedWithItsPast(boolean inOneSync) throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofHours(1)));
				Connection unseen = app.unprepared()) {
			Application.execute(unseen, "PRAGMA busy_timeout=10000");
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			app.sync();
			for (String sql : List.of(
					"INSERT INTO t(v) SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 300),
					"DELETE FROM t WHERE id > 3", "VACUUM",
					"INSERT INTO t(v) SELECT zeroblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 100),
					"DELETE FROM t WHERE id > 9", "VACUUM")) {
				Application.execute(unseen, sql);
				if (!inOneSync) {
					app.requireReplicaEqual();
				}
			}
			app.requireReplicaEqual();
			Application.execute(unseen,
					"INSERT INTO t(v) SELECT randomblob(5000) FROM " + String.format(Locale.ROOT, ROWS, 20));
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("B4")
	void rolledBackFramesAreNeverShipped() throws Exception {
		try (Application app = new Application(this.directory, (o) -> o.syncInterval(Duration.ofMillis(5)));
				Connection spilling = app.connect()) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			app.sync();
			Txid before = app.status().txid();
			Application.execute(spilling, "PRAGMA cache_size=5", "BEGIN",
					"INSERT INTO t(v) SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 300));
			assertThat(Files.size(app.wal())).as("spilled").isGreaterThan(500_000);
			app.sync();
			assertThat(app.status().txid()).isEqualTo(before);
			Application.execute(spilling, "ROLLBACK", "INSERT INTO t(v) VALUES('small')");
			app.requireReplicaEqual();
			Application.execute(spilling, "BEGIN",
					"INSERT INTO t(v) SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 300),
					"SAVEPOINT s",
					"INSERT INTO t(v) SELECT randomblob(3000) FROM " + String.format(Locale.ROOT, ROWS, 300),
					"ROLLBACK TO s", "INSERT INTO t(v) VALUES('rewrites spilled frames')", "COMMIT");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("B10")
	void pageSizeCannotChangeWhileWeAreConnected() throws Exception {
		try (Application app = new Application(this.directory);
				ForeignProcess foreign = ForeignProcess.on(app.path())) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
			app.connection.close();
			foreign.execute("PRAGMA busy_timeout=50");
			assertThat(catchThrowable(() -> foreign.execute("PRAGMA journal_mode=DELETE")))
				.isInstanceOf(SQLException.class)
				.hasMessageContaining("locked");
			foreign.execute("PRAGMA page_size=8192");
			foreign.execute("VACUUM");
			assertThat(foreign.execute("PRAGMA page_size")).isEqualTo("4096");
			app.sync();
			try (Connection connection = app.unprepared()) {
				Application.requireEqual(this.directory, app.replica(), connection);
			}
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
	}

	@Test
	@Hazard("B10")
	void pageSizeChangedWhileDownIsShippedWhole() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
		}
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + this.directory.resolve("data/app.db"))) {
			Application.execute(other, "PRAGMA journal_mode=DELETE", "PRAGMA page_size=8192", "VACUUM");
		}
		try (Application app = new Application(this.directory)) {
			app.sync();
			assertThat(app.query("PRAGMA page_size")).isEqualTo(8192);
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
			Path restored = this.directory.resolve("restored.db");
			Oracle.restore("file://" + app.replica(), restored);
			assertThat(Databases.pageSize(restored)).isEqualTo(8192);
		}
	}

	@Test
	@Tag("slow")
	@Hazard("B7")
	void hugeTransactionNeedsLittleMemory() throws Exception {
		ChildProcess.output(Duration.ofMinutes(3), ForeignProcess.command(
				List.of("-Xmx48m", "-XX:+ExitOnOutOfMemoryError"), HugeTransaction.class, this.directory.toString()));
		Path database = this.directory.resolve("data/app.db");
		Databases.checkpoint(database);
		Path restored = this.directory.resolve("restored.db");
		Oracle.restore("file://" + this.directory.resolve("replica"), restored);
		assertThat(Files.size(restored)).isGreaterThan(300_000_000);
		Databases.sameContent(restored, database);
	}

	@ParameterizedTest
	@Tag("slow")
	@Hazard("B6")
	@CsvSource({ "4096, -3", "65536, 2" })
	void lockPageIsNeverShipped(int pageSize, int firstImageBeyond) throws Exception {
		Path path = this.directory.resolve("data/app.db");
		Files.createDirectories(path.getParent());
		long lockPage = 0x40000000L / pageSize + 1;
		createSparse(path, pageSize, lockPage + firstImageBeyond);
		try (Application app = new Application(this.directory)) {
			app.sync();
			app.execute("INSERT INTO t VALUES(zeroblob(" + pageSize + "))");
			app.sync();
			assertThat(app.query("PRAGMA page_count") < lockPage).isEqualTo(firstImageBeyond < 0);
			app.execute("INSERT INTO t VALUES(zeroblob(" + pageSize * 12L + "))");
			app.sync();
			assertThat(app.query("PRAGMA page_count")).isGreaterThan(lockPage);
			requireNoPage(app.replica().resolve("ltx/0"), lockPage);
		}
		Databases.checkpoint(path);
		Path restored = this.directory.resolve("restored.db");
		Oracle.restore("file://" + this.directory.resolve("replica"), restored);
		ChildProcess.output(Duration.ofMinutes(2), List.of("cmp", restored.toString(), path.toString()));
	}

	/** A database that says it has so many pages, most of which were never written. */
	private static void createSparse(Path path, int pageSize, long pages) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			Application.execute(connection, "PRAGMA page_size=" + pageSize, "CREATE TABLE t(v)");
		}
		try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
			file.setLength(pages * pageSize);
			file.seek(28);
			file.writeInt((int) pages);
		}
	}

	private static void requireNoPage(Path level, long page) throws Exception {
		int files = 0;
		for (Path file : sorted(level)) {
			try (LtxReader ltx = new LtxReader(Files.newInputStream(file), file.toString())) {
				byte[] bytes = new byte[ltx.header().pageSize()];
				for (long pgno = ltx.nextPage(bytes); pgno != 0; pgno = ltx.nextPage(bytes)) {
					assertThat(pgno).isNotEqualTo(page);
				}
				files++;
			}
		}
		assertThat(files).isGreaterThan(2);
	}

	private static void requireCoverage(Path level) throws Exception {
		long commit = 0;
		for (Path file : sorted(level)) {
			try (LtxReader ltx = new LtxReader(new ByteArrayInputStream(Files.readAllBytes(file)), file.toString())) {
				long missing = commit + 1;
				byte[] bytes = new byte[ltx.header().pageSize()];
				for (long pgno = ltx.nextPage(bytes); pgno != 0; pgno = ltx.nextPage(bytes)) {
					assertThat(pgno).isLessThanOrEqualTo(ltx.header().commit());
					missing += (pgno == missing) ? 1 : 0;
				}
				assertThat(missing).as("first page that %s lacks", file).isGreaterThan(ltx.header().commit());
				commit = ltx.header().commit();
			}
		}
	}

	private static List<Path> sorted(Path level) throws Exception {
		try (var files = Files.list(level)) {
			return files.sorted().toList();
		}
	}

	/**
	 * Appends a transaction that rewrites page 1 only and says that the database has more
	 * pages now.
	 */
	private static void appendCommit(Path wal, long pages) throws Exception {
		ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(wal));
		int pageSize = log.getInt(8);
		int frameSize = 24 + pageSize;
		int last = log.capacity() - frameSize;
		assertThat((log.capacity() - 32) % frameSize).isZero();
		int first = last;
		while (log.getInt(first) != 1) {
			first -= frameSize;
		}
		ByteBuffer frame = ByteBuffer.allocate(frameSize);
		frame.putInt(0, 1).putInt(4, (int) pages).putInt(8, log.getInt(16)).putInt(12, log.getInt(20));
		frame.put(24, log.array(), first + 24, pageSize);
		frame.putInt(24 + 28, (int) pages);
		int[] checksum = { log.getInt(last + 16), log.getInt(last + 20) };
		ByteOrder order = (log.getInt(0) == 0x377f0682) ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
		checksum(checksum, Arrays.copyOf(frame.array(), 8), order);
		checksum(checksum, Arrays.copyOfRange(frame.array(), 24, frameSize), order);
		frame.putInt(16, checksum[0]).putInt(20, checksum[1]);
		try (RandomAccessFile file = new RandomAccessFile(wal.toFile(), "rw")) {
			file.seek(file.length());
			file.write(frame.array());
		}
	}

	private static void checksum(int[] checksum, byte[] bytes, ByteOrder order) {
		ByteBuffer words = ByteBuffer.wrap(bytes).order(order);
		while (words.hasRemaining()) {
			checksum[0] += words.getInt() + checksum[1];
			checksum[1] += words.getInt() + checksum[0];
		}
	}

	/** An application with little memory and one transaction of 300 MB. */
	static final class HugeTransaction {

		private HugeTransaction() {
		}

		public static void main(String[] args) throws Exception {
			try (Application app = new Application(Path.of(args[0]))) {
				app.execute("PRAGMA synchronous=OFF", "CREATE TABLE t(v BLOB)", "BEGIN",
						"INSERT INTO t SELECT randomblob(1000000) FROM " + String.format(Locale.ROOT, ROWS, 310),
						"COMMIT");
				app.sync();
			}
		}

	}

}
