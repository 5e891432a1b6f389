package dev.litestream.nats.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.NatsServer;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * All processes of a soak: the application, the one that checkpoints from outside, and
 * the server. Not thread-safe.
 */
final class Surroundings implements AutoCloseable {

	static final Duration LONG = Duration.ofMinutes(2);

	private static final String BUCKET = "soak";

	private final Path directory;

	private final long seed;

	private final NatsServer server = NatsServer.start();

	private @Nullable ChildProcess application;

	private @Nullable ChildProcess foreign;

	private int run;

	private int foreignRun;

	private long foreignCheckpoints;

	/**
	 * Starts the server, with an empty bucket.
	 * @param directory for everything but the server's store
	 * @param seed of the application's work
	 */
	Surroundings(Path directory, long seed) throws IOException {
		this.directory = directory;
		this.seed = seed;
		connect().close();
	}

	NatsServer server() {
		return this.server;
	}

	String url() {
		return this.server.url(BUCKET);
	}

	Path database() {
		return this.directory.resolve("data").resolve("app.db");
	}

	Path journal() {
		return this.directory.resolve("journal");
	}

	/** A connection of its own, to a server that may just have been started. */
	NatsReplicaClient connect() throws IOException {
		// A server that was just killed or paused, on a machine that is busy with it.
		NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(url())
			.toOptions()
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.requestTimeout(LONG)
			.build());
		client.open();
		return client;
	}

	void startApplication() throws IOException {
		Path log = this.directory.resolve("application-" + (++this.run) + ".log");
		ChildProcess application = ChildProcess.startJava(log, SoakApplication.class, database().toString(), url(),
				journal().toString(), Integer.toString(this.run), Long.toString(this.seed));
		this.application = application;
		await().atMost(LONG).until(() -> application.log().contains("READY") || !application.isAlive());
		requireHealthy();
	}

	/** Requires that the application runs and that nothing in it has failed. */
	void requireHealthy() {
		ChildProcess application = running();
		assertThat(application.isAlive()).as("run %d goes on; it printed %s", this.run, application.log()).isTrue();
		assertThat(application.log()).as("run " + this.run).contains("READY").doesNotContain("FAILED");
	}

	void killApplication() {
		requireHealthy();
		running().kill();
	}

	/** Asks the application to end, and requires that it leaves nothing behind. */
	void endApplication() {
		requireHealthy();
		running().stop();
		assertThat(running().log()).as("run " + this.run).doesNotContain("FAILED").contains("ENDED, with 0 bytes left");
	}

	private ChildProcess running() {
		if (this.application == null) {
			throw new IllegalStateException("The application was not started");
		}
		return this.application;
	}

	void startForeign() throws IOException {
		this.foreign = ChildProcess.startJava(this.directory.resolve("foreign-" + (++this.foreignRun) + ".log"),
				ForeignCheckpoints.class, database().toString(), Long.toString(this.seed + this.foreignRun));
	}

	void killForeign() {
		if (this.foreign != null) {
			String log = this.foreign.log();
			assertThat(this.foreign.isAlive()).as("the foreign process goes on; it printed %s", log).isTrue();
			this.foreign.kill();
			this.foreignCheckpoints += this.foreign.log().lines().filter("CHECKPOINT"::equals).count();
			this.foreign = null;
		}
	}

	/** Deletes the database and all beside it. Nobody may have it open. */
	void deleteDatabase() throws IOException {
		try (Stream<Path> files = Files.walk(database().getParent())) {
			List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
			for (Path file : all) {
				Files.delete(file);
			}
		}
	}

	long foreignCheckpoints() {
		return this.foreignCheckpoints;
	}

	@Override
	public void close() {
		if (this.application != null) {
			this.application.close();
		}
		if (this.foreign != null) {
			this.foreign.close();
		}
		this.server.close();
	}

}
