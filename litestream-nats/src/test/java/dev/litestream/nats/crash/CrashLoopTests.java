package dev.litestream.nats.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

import dev.litestream.nats.NatsBucketOptions;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Kills the application at random moments, restarts it on what is left or on nothing, and
 * requires that everything that the replica had acknowledged is there. The number of
 * rounds is the system property {@code crash.rounds}; {@code bin/crash-loop} runs 200.
 */
class CrashLoopTests {

	private static final int ROUNDS = Integer.getInteger("crash.rounds", 8);

	/** From so many level 0 files on, the original is not asked any more. */
	private static final int ORIGINAL_AT_MOST = 200;

	private static final long SEED = Long.getLong("crash.seed", System.nanoTime());

	@TempDir
	Path directory;

	private final Random random = new Random(SEED);

	@Test
	@Hazard("G5")
	void nothingAcknowledgedIsMissingAfterAnyKill() throws Exception {
		System.out.println("crash.seed=" + SEED + " crash.rounds=" + ROUNDS);
		int restores = 0;
		int serverKills = 0;
		try (NatsServer nats = NatsServer.start()) {
			for (int round = 1; round <= ROUNDS; round++) {
				if (round > 1 && this.random.nextInt(3) == 0) {
					deleteDatabase();
					restores++;
				}
				createBucket(nats, round);
				boolean killServer = this.random.nextInt(6) == 0;
				serverKills += killServer ? 1 : 0;
				runAndKill(nats, killServer);
				// A client of its own, connected anew: the server may have been killed.
				try (NatsReplicaClient client = client(nats)) {
					client.open();
					verify(nats, client, round);
				}
			}
		}
		long[] acknowledged = acknowledged();
		System.out.println(ROUNDS + " kills, " + restores + " restores on an empty directory, " + serverKills
				+ " kills of nats-server, " + Arrays.stream(acknowledged).sum() + " rows acknowledged, none missing");
	}

	private static void createBucket(NatsServer nats, int round) throws IOException {
		if (round == 1) {
			try (NatsReplicaClient client = client(nats)) {
				client.open();
			}
		}
	}

	private static NatsReplicaClient client(NatsServer nats) {
		return new NatsReplicaClient(NatsReplicaUrl.parse(nats.url("crash"))
			.toOptions()
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build());
	}

	private Path database() {
		return this.directory.resolve("data").resolve("app.db");
	}

	private Path journal() {
		return this.directory.resolve("journal");
	}

	private void runAndKill(NatsServer nats, boolean killServer) throws Exception {
		Path log = this.directory.resolve("application.log");
		try (ChildProcess application = ChildProcess.startJava(log, CrashApplication.class, database().toString(),
				nats.url("crash"), journal().toString())) {
			await().atMost(Duration.ofSeconds(60))
				.until(() -> application.log().contains("READY") || !application.isAlive());
			assertThat(application.log()).contains("READY");
			long journalled = Files.exists(journal()) ? Files.size(journal()) : 0;
			if (killServer) {
				pause(this.random.nextInt(500));
				nats.kill();
				pause(this.random.nextInt(1000));
				nats.restart();
			}
			else if (this.random.nextBoolean()) {
				// Half of the rounds see at least one acknowledgement, the others any
				// moment.
				await().atMost(Duration.ofSeconds(60))
					.until(() -> Files.exists(journal()) && Files.size(journal()) > journalled);
			}
			pause(this.random.nextInt(1200));
			application.kill();
			assertThat(application.log()).doesNotContain("WRITE FAILED");
		}
	}

	/** The moment of the kill is what is random here; there is no state to wait for. */
	private static void pause(long millis) throws InterruptedException {
		Thread.sleep(millis);
	}

	private void verify(NatsServer nats, NatsReplicaClient client, int round) throws Exception {
		long[] acknowledged = acknowledged();
		Path restored = this.directory.resolve("restored.db");
		if (!hasBackup(client)) {
			assertThat(acknowledged).containsOnly(0);
			return;
		}
		new Restorer().restore(client, RestoreOptions.latest(restored), null);
		// The original reads a file at a time: with many files it takes minutes.
		if (round % 5 == 0 && client.list(0).files().size() < ORIGINAL_AT_MOST) {
			Path theirs = this.directory.resolve("theirs.db");
			Oracle.restore(nats.url("crash"), theirs);
			Databases.sameContent(restored, theirs);
			Files.delete(theirs);
		}
		assertThat(Databases.integrity(restored)).as("round " + round).isEqualTo("ok");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + restored);
				Statement statement = connection.createStatement()) {
			for (int writer = 0; writer < CrashApplication.WRITERS; writer++) {
				requireRows(statement, writer, acknowledged[writer], round);
			}
			try (ResultSet sum = statement.executeQuery("SELECT sum(amount) FROM account")) {
				sum.next();
				assertThat(sum.getLong(1)).as("half a transaction in round " + round).isEqualTo(3000);
			}
		}
		delete(restored);
	}

	private static boolean hasBackup(NatsReplicaClient client) throws IOException {
		return client.listAll().stream().anyMatch((listing) -> !listing.isEmpty());
	}

	private static void requireRows(Statement statement, int writer, long acknowledged, int round) throws SQLException {
		long expected = 0;
		try (ResultSet rows = statement
			.executeQuery("SELECT seq, payload FROM entry WHERE writer=" + writer + " ORDER BY seq")) {
			while (rows.next()) {
				// The oldest rows are deleted; from there on none is missing.
				expected = (expected == 0) ? rows.getLong(1) : expected + 1;
				assertThat(rows.getLong(1)).isEqualTo(expected);
				assertThat(rows.getBytes(2)).isEqualTo(CrashApplication.payload(writer, expected));
			}
		}
		assertThat(expected).as("rows of writer " + writer + " in round " + round).isGreaterThanOrEqualTo(acknowledged);
	}

	private long[] acknowledged() throws IOException {
		long[] acknowledged = new long[CrashApplication.WRITERS];
		if (Files.exists(journal())) {
			// A line cut short by the kill does not count.
			String text = Files.readString(journal());
			for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
				String[] columns = line.split(" ");
				for (int i = 0; i < acknowledged.length; i++) {
					acknowledged[i] = Math.max(acknowledged[i], Long.parseLong(columns[i]));
				}
			}
		}
		return acknowledged;
	}

	private void deleteDatabase() throws IOException {
		delete(database().getParent());
	}

	private static void delete(Path path) throws IOException {
		if (Files.exists(path)) {
			try (var files = Files.walk(path)) {
				for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
					Files.delete(file);
				}
			}
		}
	}

}
