package dev.litestream.nats;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.test.Databases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application that commits row after row and keeps a journal of those whose
 * replication was acknowledged, in memory, apart from the database.
 */
final class CommitJournal implements AutoCloseable {

	private static final Duration LONG = Duration.ofSeconds(60);

	private final LitestreamEngine engine;

	private final ReplicatedDatabase database;

	private final Connection connection;

	private final CompletableFuture<Void> writer;

	private final CompletableFuture<Void> acknowledger;

	private volatile boolean writing = true;

	private volatile long committed;

	private volatile long acknowledged;

	private volatile long longestCommit;

	private volatile long longestGap;

	CommitJournal(Path path, ReplicaClient client) throws Exception {
		this.engine = LitestreamEngine.builder().database(DatabaseOptions.of(path).build(), client).build();
		this.database = this.engine.databases().get(0);
		this.connection = DriverManager.getConnection("jdbc:sqlite:" + path);
		this.database.prepare(this.connection);
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("CREATE TABLE journal(id INTEGER PRIMARY KEY, body BLOB)");
		}
		this.engine.start();
		assertThat(this.database.sync(LONG)).as("first sync: %s", status()).isTrue();
		// Not the common pool, which may have a single thread.
		Executor threads = (task) -> new Thread(task).start();
		this.writer = CompletableFuture.runAsync(this::write, threads);
		this.acknowledger = CompletableFuture.runAsync(this::acknowledge, threads);
	}

	private void write() {
		try (PreparedStatement insert = this.connection
			.prepareStatement("INSERT INTO journal(body) VALUES (randomblob(500))")) {
			while (this.writing) {
				long start = System.nanoTime();
				insert.executeUpdate();
				this.committed++;
				this.longestCommit = Math.max(this.longestCommit, System.nanoTime() - start);
				TimeUnit.MILLISECONDS.sleep(4); // the load: some 200 commits a second
			}
		}
		catch (SQLException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void acknowledge() {
		long last = System.nanoTime();
		try {
			while (!this.writer.isDone() || this.acknowledged < this.committed) {
				long commits = this.committed;
				if (this.database.sync(LONG)) {
					this.acknowledged = commits;
					long now = System.nanoTime();
					this.longestGap = Math.max(this.longestGap, now - last);
					last = now;
				}
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	DatabaseStatus status() {
		return this.database.status();
	}

	long committed() {
		return this.committed;
	}

	long acknowledged() {
		return this.acknowledged;
	}

	/** Waits until so many further commits are acknowledged. */
	void awaitAcknowledged(int more) {
		long goal = this.acknowledged + more;
		await().atMost(LONG).pollInterval(Duration.ofMillis(10)).until(() -> this.acknowledged >= goal);
	}

	/** Waits until the application has committed so much more. */
	void awaitCommitted(int more) {
		long goal = this.committed + more;
		await().atMost(LONG).pollInterval(Duration.ofMillis(10)).until(() -> this.committed >= goal);
	}

	Duration longestGap() {
		return Duration.ofNanos(this.longestGap);
	}

	Duration longestCommit() {
		return Duration.ofNanos(this.longestCommit);
	}

	/**
	 * Ends the application and compares what another one restores with the journal.
	 * @param client reads the replica
	 * @param restored the file to restore to
	 */
	void finishAndVerify(ReplicaClient client, Path restored) throws Exception {
		this.writing = false;
		this.writer.get(60, TimeUnit.SECONDS);
		this.acknowledger.get(90, TimeUnit.SECONDS);
		assertThat(this.acknowledged).isEqualTo(this.committed);
		// as the crash of the application would leave it: what counts is in the replica
		new Restorer().restore(client, RestoreOptions.latest(restored), null);
		assertThat(Databases.integrity(restored)).isEqualTo("ok");
		try (Connection copy = DriverManager.getConnection("jdbc:sqlite:" + restored);
				Statement statement = copy.createStatement();
				ResultSet rows = statement.executeQuery("SELECT count(*), max(id) FROM journal")) {
			rows.next();
			assertThat(rows.getLong(1)).as("rows restored of those acknowledged").isEqualTo(this.acknowledged);
			assertThat(rows.getLong(2)).as("newest row restored").isEqualTo(this.acknowledged);
		}
		Files.delete(restored);
	}

	@Override
	public void close() throws Exception {
		this.writing = false;
		this.writer.handle((done, failure) -> done).get(60, TimeUnit.SECONDS);
		this.engine.close();
		this.connection.close();
		this.acknowledger.handle((done, failure) -> done).get(90, TimeUnit.SECONDS);
	}

}
