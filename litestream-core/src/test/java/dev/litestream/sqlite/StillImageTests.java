package dev.litestream.sqlite;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

import dev.litestream.DatabaseOptions;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replication.Replicator;
import dev.litestream.test.Hazard;
import dev.litestream.threads.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The live database at one position, whatever happens to it while it is read.
 */
@Timeout(60)
class StillImageTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	@TempDir
	Path directory;

	private final Workers workers = new Workers();

	private Replicator replicator;

	private Connection connection;

	@BeforeEach
	void start() throws Exception {
		this.connection = DriverManager.getConnection("jdbc:sqlite:" + this.directory.resolve("app.db"));
		start(Integer.MAX_VALUE);
	}

	private void start(int minCheckpointPages) throws Exception {
		DatabaseOptions options = DatabaseOptions.of(this.directory.resolve("app.db"))
			.minCheckpointPages(minCheckpointPages)
			.checkpointInterval(Duration.ZERO)
			.build();
		this.replicator = new Replicator(options, new FileReplicaClient(this.directory.resolve("replica")), (event) -> {
		}, this.workers, Runnable::run, Clock.systemUTC());
		this.replicator.prepare(this.connection);
		this.replicator.start();
		execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v BLOB)",
				"INSERT INTO t(v) SELECT randomblob(3000) FROM json_each('[" + "1,".repeat(60) + "1]')");
		assertThat(this.replicator.sync(LONG)).isTrue();
	}

	@AfterEach
	void stop() throws Exception {
		this.replicator.stop(LONG);
		this.connection.close();
		this.replicator.close(Duration.ofSeconds(5));
		this.workers.close();
	}

	@Test
	void commitsThatComeLaterAreNotInIt() throws Exception {
		requireStill(() -> {
			execute("UPDATE t SET v = randomblob(2000)", "DELETE FROM t WHERE id % 2 = 0", "VACUUM");
			return this.replicator.sync(LONG);
		});
	}

	@Test
	@Hazard("A1")
	void checkpointsThatComeLaterDoNotChangeIt() throws Exception {
		requireStill(() -> {
			for (int i = 0; i < 5; i++) {
				execute("UPDATE t SET v = randomblob(2500)", "PRAGMA wal_checkpoint(PASSIVE)");
				assertThat(this.replicator.sync(LONG)).isTrue();
				execute("PRAGMA wal_checkpoint(PASSIVE)");
			}
			return true;
		});
	}

	/** The lock is in slot 0: everything had been backfilled when it was taken. */
	@Test
	@Hazard("A1")
	void walThatStartsAnewDoesNotChangeIt() throws Exception {
		checkpointAll();
		requireStill(() -> {
			execute("UPDATE t SET v = randomblob(2900)", "INSERT INTO t(v) SELECT v FROM t");
			assertThat(this.replicator.sync(LONG)).isTrue();
			execute("PRAGMA wal_checkpoint(PASSIVE)", "UPDATE t SET v = randomblob(10)");
			return true;
		});
	}

	@Test
	@Hazard("A1")
	void walThatStartedAnewBeforeItIsReadDoesNotChangeIt() throws Exception {
		checkpointAll();
		byte[] expected = content();
		ByteArrayOutputStream actual = new ByteArrayOutputStream();
		try (StillImage image = this.replicator.still()) {
			assertThat(image).isNotNull();
			execute("UPDATE t SET v = randomblob(2900)");
			image.read((pgno, page) -> actual.writeBytes(page));
		}
		assertThat(Arrays.equals(actual.toByteArray(), expected)).as("the pages of then").isTrue();
	}

	/** Each of them moves the replicator's own lock on, so that this one has to stay. */
	@Test
	@Hazard("A1")
	void checkpointsOfTheReplicatorThatComeLaterDoNotChangeIt() throws Exception {
		checkpointAll();
		requireStill(() -> {
			long checkpoints = this.replicator.status().counters().checkpoints();
			await().atMost(LONG).until(() -> {
				execute("UPDATE t SET v = randomblob(2700)");
				return this.replicator.sync(LONG)
						&& this.replicator.status().counters().checkpoints() > checkpoints + 2;
			});
			return true;
		});
	}

	/** A commit that nobody has signalled. */
	@Test
	@Hazard("A1")
	void everythingCommittedBeforeIsInIt() throws Exception {
		for (int i = 0; i < 3; i++) {
			try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + this.directory.resolve("app.db"));
					Statement statement = other.createStatement()) {
				statement.execute("UPDATE t SET v = randomblob(2800)");
				requireStill(() -> {
					execute("UPDATE t SET v = randomblob(2700)");
					return true;
				});
			}
		}
	}

	/** It holds frames in the WAL no longer than it is open. */
	@Test
	void walCanBeCheckpointedOnceItIsClosed() throws Exception {
		checkpointAll();
		try (StillImage image = this.replicator.still()) {
			assertThat(image).isNotNull();
			execute("UPDATE t SET v = randomblob(2600)");
			assertThat(this.replicator.sync(LONG)).isTrue();
			assertThat(backfilled()).isFalse();
		}
		await().atMost(LONG).until(this::backfilled);
	}

	@Test
	void readingEndsWhenTheThreadIsInterrupted() throws Exception {
		execute("INSERT INTO t(v) SELECT zeroblob(3000) FROM json_each('[" + "1,".repeat(300) + "1]')");
		assertThat(this.replicator.sync(LONG)).isTrue();
		try (StillImage image = this.replicator.still()) {
			assertThat(image).isNotNull();
			AtomicLong read = new AtomicLong();
			image.read((pgno, page) -> read.set(pgno));
			assertThat(read.get()).isEqualTo(image.pages()).isGreaterThan(300);
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class)
				.isThrownBy(() -> image.read((pgno, page) -> read.set(pgno)));
			assertThat(read.get()).isLessThan(300);
			assertThat(Thread.interrupted()).as("whether it is still set").isFalse();
		}
	}

	@Test
	void thereIsNoneOfADatabaseThatIsNotReplicated() throws Exception {
		this.replicator.stop(LONG);
		assertThat(this.replicator.still()).isNull();
	}

	/** Lets the replicator checkpoint until nothing is left to backfill. */
	private void checkpointAll() throws Exception {
		this.replicator.stop(LONG);
		this.replicator.close(LONG);
		start(1);
		await().atMost(LONG).until(this::backfilled);
	}

	private boolean backfilled() throws Exception {
		try (Statement statement = this.connection.createStatement();
				ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
			return result.next() && result.getInt(2) == result.getInt(3);
		}
	}

	/** Does something after the first page has been read. */
	private void requireStill(Callable<Boolean> meanwhile) throws Exception {
		byte[] expected = content();
		ByteArrayOutputStream actual = new ByteArrayOutputStream();
		try (StillImage image = this.replicator.still()) {
			assertThat(image).isNotNull();
			assertThat(image.txid()).isEqualTo(this.replicator.status().txid());
			assertThat(image.pages() * image.pageSize()).isEqualTo(expected.length);
			image.read((pgno, page) -> {
				if (pgno == 2) {
					try {
						assertThat(meanwhile.call()).isTrue();
					}
					catch (Exception ex) {
						throw new IllegalStateException(ex);
					}
				}
				actual.writeBytes(page);
			});
		}
		assertThat(Arrays.equals(actual.toByteArray(), expected)).as("the pages of then").isTrue();
		assertThat(Arrays.equals(content(), expected)).as("the pages of now").isFalse();
	}

	private byte[] content() throws Exception {
		return this.connection.unwrap(SQLiteConnection.class).serialize("main");
	}

	private void execute(String... statements) throws Exception {
		try (Statement statement = this.connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
