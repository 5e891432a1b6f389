package dev.litestream.replication;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import dev.litestream.DatabaseOptions;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.threads.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Whoever waits for a sync waits no longer than he said, however long a sync takes.
 */
@Timeout(60)
class BoundedSyncTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private static final Duration SHORT = Duration.ofMillis(100);

	@TempDir
	Path directory;

	private final Workers workers = new Workers();

	private final SlowDisk disk = new SlowDisk();

	private Replicator replicator;

	private Connection connection;

	@BeforeEach
	void start() throws Exception {
		this.connection = DriverManager.getConnection("jdbc:sqlite:" + path());
		DatabaseOptions options = DatabaseOptions.of(path()).syncInterval(Duration.ofHours(1)).build();
		this.replicator = new Replicator(options, new FileReplicaClient(this.directory.resolve("replica")), (event) -> {
		}, this.workers, Runnable::run, this.disk);
		this.replicator.prepare(this.connection);
		execute(this.connection, "CREATE TABLE t(v)");
		this.replicator.start();
		assertThat(this.replicator.sync(LONG)).isTrue();
	}

	@AfterEach
	void stop() throws Exception {
		this.disk.goOn();
		this.replicator.stop(LONG);
		this.connection.close();
		this.replicator.close(Duration.ofSeconds(5));
		this.workers.close();
	}

	@Test
	void aSyncUnderWayIsWaitedForNoLongerThanAsked() throws Exception {
		hang();
		assertThat(meanwhile(() -> this.replicator.sync(SHORT))).isFalse();
		assertThat(meanwhile(() -> this.replicator.sync(Duration.ZERO))).isFalse();
		this.disk.goOn();
		assertThat(this.replicator.sync(LONG)).isTrue();
	}

	/** The caller's own sync may be the long one. */
	@Test
	void theSyncThatIsAskedForIsWaitedForNoLongerThanAsked() throws Exception {
		this.disk.hang();
		commitUnseen();
		assertThat(meanwhile(() -> this.replicator.sync(SHORT))).isFalse();
		await().atMost(LONG).until(this.disk::hangs);
		Txid before = this.replicator.status().txid();
		this.disk.goOn();
		await("goes on without anybody waiting").atMost(LONG)
			.until(() -> this.replicator.status().replicatedTxid().isAfter(before));
	}

	@Test
	void aStopWaitsNoLongerThanAsked() throws Exception {
		hang();
		meanwhile(() -> {
			this.replicator.prepareStop();
			return true;
		});
		assertThat(meanwhile(() -> this.replicator.stop(SHORT))).isFalse();
	}

	@Test
	void prepareStopBeginsToSync() throws Exception {
		Txid before = this.replicator.status().txid();
		commitUnseen();
		this.replicator.prepareStop();
		await().atMost(LONG).until(() -> this.replicator.status().replicatedTxid().isAfter(before));
		assertThat(this.replicator.stop(Duration.ZERO)).as("nothing to wait for").isTrue();
	}

	@Test
	void withoutAnythingToSyncNoTimeIsNeeded() throws Exception {
		assertThat(this.replicator.sync(Duration.ZERO)).isTrue();
	}

	/** Lets a sync task hang, as it does while it writes a large database. */
	private void hang() throws Exception {
		this.disk.hang();
		execute(this.connection, "INSERT INTO t VALUES(1)");
		await().atMost(LONG).until(this.disk::hangs);
	}

	/** Does something on another thread while the disk hangs. */
	private static <T> T meanwhile(Callable<T> action) throws Exception {
		FutureTask<T> task = new FutureTask<>(action);
		Thread thread = new Thread(task);
		thread.setDaemon(true);
		thread.start();
		return task.get(LONG.toSeconds(), TimeUnit.SECONDS);
	}

	private void commitUnseen() throws Exception {
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			execute(other, "INSERT INTO t VALUES(2)");
		}
	}

	private Path path() {
		return this.directory.resolve("app.db");
	}

	private static void execute(Connection connection, String sql) throws Exception {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/** A clock that is asked when a file is begun, and takes as long as its disk. */
	private static final class SlowDisk extends Clock {

		private volatile CountDownLatch way = new CountDownLatch(0);

		private volatile boolean hangs;

		void hang() {
			this.way = new CountDownLatch(1);
		}

		void goOn() {
			this.way.countDown();
		}

		boolean hangs() {
			return this.hangs;
		}

		@Override
		public long millis() {
			CountDownLatch way = this.way;
			this.hangs = way.getCount() > 0;
			try {
				way.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			this.hangs = false;
			return System.currentTimeMillis();
		}

		@Override
		public Instant instant() {
			return Instant.now();
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

	}

}
