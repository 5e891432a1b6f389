package dev.litestream.nats.interop;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.engine.LitestreamEngine;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Our program, replicating an application's database to a bucket.
 */
final class Replication implements AutoCloseable {

	static final Duration LONG = Duration.ofMinutes(2);

	private final LitestreamEngine engine;

	private Replication(LitestreamEngine engine) {
		this.engine = engine;
	}

	/**
	 * Starts to replicate.
	 * @param application the application
	 * @param url the bucket's address
	 * @return the running replication
	 */
	static Replication start(Application application, String url) throws SQLException {
		return start(application, url, (options) -> {
		});
	}

	static Replication start(Application application, String url, Consumer<DatabaseOptions.Builder> customizer)
			throws SQLException {
		DatabaseOptions.Builder options = DatabaseOptions.of(application.path());
		customizer.accept(options);
		Replication replication = new Replication(
				LitestreamEngine.builder().database(options.build(), ReplicaBucket.client(url)).build());
		replication.database().prepare(application.connection());
		replication.engine.start();
		return replication;
	}

	/**
	 * Restores a database as an application's start does, so that the replication started
	 * afterwards continues the bucket's history.
	 * @param database the database file; must not exist
	 * @param url the bucket's address
	 */
	static void restore(Path database, String url) {
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(database).build(), ReplicaBucket.client(url))
			.build()) {
			assertThat(engine.restore()).hasSize(1);
		}
	}

	private ReplicatedDatabase database() {
		return this.engine.databases().get(0);
	}

	DatabaseStatus status() {
		return database().status();
	}

	void sync() throws InterruptedException {
		assertThat(database().sync(LONG)).as("replicated in time: %s", status()).isTrue();
	}

	/** Syncs and stops; the application may still have its connection open. */
	@Override
	public void close() {
		this.engine.close();
	}

}
