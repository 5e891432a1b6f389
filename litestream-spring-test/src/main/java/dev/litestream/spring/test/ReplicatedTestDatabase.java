package dev.litestream.spring.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.RestoreTarget;
import dev.litestream.test.NatsServer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteDataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.FileSystemUtils;

/**
 * The database of a test and its backup. Thread-safe.
 *
 * @see AutoConfigureReplicatedDatabase
 */
public final class ReplicatedTestDatabase {

	private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(30);

	private final Path directory;

	private final Path path;

	private final @Nullable NatsServer server;

	private final ObjectProvider<Litestream> litestream;

	private final AtomicInteger copies = new AtomicInteger();

	private ReplicatedTestDatabase(Path directory, Path path, @Nullable NatsServer server,
			ObjectProvider<Litestream> litestream) {
		this.directory = directory;
		this.path = path;
		this.server = server;
		this.litestream = litestream;
	}

	static ReplicatedTestDatabase create(TestReplica replica, String name, ObjectProvider<Litestream> litestream) {
		NatsServer server = (replica == TestReplica.NATS) ? NatsServer.start() : null;
		try {
			Path directory = Files.createTempDirectory("litestream-test").toRealPath();
			return new ReplicatedTestDatabase(directory, directory.resolve(name), server, litestream);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("No temporary directory for the test's database could be created.", ex);
		}
	}

	/**
	 * The database's file.
	 * @return an absolute path
	 */
	public Path path() {
		return this.path;
	}

	/**
	 * The database's JDBC URL.
	 * @return the URL, as the application's {@code DataSource} has it
	 */
	public String url() {
		return "jdbc:sqlite:" + this.path;
	}

	/**
	 * The database in the context's engine: position, state, verification.
	 * @return the database
	 * @throws IllegalStateException if the context does not replicate it
	 */
	public ReplicatedDatabase database() {
		Litestream engine = this.litestream.getIfAvailable();
		if (engine == null) {
			throw new IllegalStateException("The context does not replicate the database: there is no Litestream bean."
					+ " Is litestream.enabled false, or LitestreamAutoConfiguration excluded?");
		}
		return engine.databases()
			.stream()
			.filter((database) -> database.path().equals(this.path))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("The context does not replicate " + this.path + "."));
	}

	/**
	 * Waits until the replica has acknowledged all that is committed.
	 * @throws AssertionError if it has not within 30 seconds
	 */
	public void sync() {
		ReplicatedDatabase database = database();
		boolean replicated;
		try {
			replicated = database.sync(SYNC_TIMEOUT);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			replicated = false;
		}
		if (!replicated) {
			throw new AssertionError("The replica has not got all commits: " + database.status());
		}
	}

	/**
	 * Restores the backup as it is after a {@link #sync()} to a new file.
	 * @return connections to the restored copy, which is deleted with the context
	 * @throws AssertionError if the last commits could not be replicated
	 * @throws dev.litestream.RestoreFailedException if the backup cannot be restored
	 */
	public DataSource restore() {
		sync();
		return restore(RestoreTarget.LATEST);
	}

	/**
	 * Restores a point of the backup to a new file.
	 * @param target the point
	 * @return connections to the restored copy, which is deleted with the context
	 * @throws dev.litestream.RestoreFailedException if the point cannot be restored
	 */
	public DataSource restore(RestoreTarget target) {
		Path copy = this.directory.resolve("restored-" + this.copies.incrementAndGet() + ".db");
		database().restoreTo(copy, target);
		SQLiteDataSource restored = new SQLiteDataSource();
		restored.setUrl("jdbc:sqlite:" + copy);
		return restored;
	}

	/**
	 * The nats-server that holds the replica, to be stopped, paused and started by tests
	 * of what the application does meanwhile.
	 * @return the server, running at first
	 * @throws IllegalStateException if the replica is not {@link TestReplica#NATS}
	 */
	public NatsServer natsServer() {
		if (this.server == null) {
			throw new IllegalStateException(
					"There is no nats-server: @AutoConfigureReplicatedDatabase(replica = TestReplica.NATS) starts one.");
		}
		return this.server;
	}

	/** The settings of the replica, by their names. */
	Map<String, Object> replica() {
		return (this.server != null) ? Map.of("url", this.server.url("test"), "bucket.create", "true")
				: Map.of("url", this.directory.resolve("replica").toUri().toString());
	}

	void close() {
		if (this.server != null) {
			this.server.close();
		}
		try {
			FileSystemUtils.deleteRecursively(this.directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The test's database in " + this.directory + " could not be deleted.", ex);
		}
	}

}
