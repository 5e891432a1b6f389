package dev.litestream.nats.crash;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
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

	private static final List<String> SNAPSHOT = List.of("-D" + CrashApplication.SNAPSHOT + "=true");

	/** The original restores only what is small in time, which it is at first. */
	private static final int WHILE_SMALL = 12;

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
			CrashedApplication application = new CrashedApplication(this.directory, nats, "crash");
			application.createBucket();
			for (int round = 1; round <= ROUNDS; round++) {
				if (round > 1 && this.random.nextInt(3) == 0) {
					application.deleteDatabase();
					restores++;
				}
				boolean killServer = this.random.nextInt(6) == 0;
				serverKills += killServer ? 1 : 0;
				runAndKill(application, nats, killServer);
				application.verify("round " + round, round <= WHILE_SMALL || round % 5 == 0);
			}
			System.out.println(ROUNDS + " kills, " + restores + " restores on an empty directory, " + serverKills
					+ " kills of nats-server, " + Arrays.stream(application.acknowledged()).sum()
					+ " rows acknowledged, none missing; " + application.asked()
					+ " times the original restored the same");
		}
	}

	private void runAndKill(CrashedApplication crashed, NatsServer nats, boolean killServer) throws Exception {
		boolean snapshot = this.random.nextInt(4) == 0;
		try (ChildProcess application = crashed.start(snapshot ? SNAPSHOT : List.of())) {
			await().atMost(Duration.ofSeconds(60))
				.until(() -> application.log().contains("READY") || !application.isAlive());
			assertThat(application.log()).contains("READY");
			Path journal = crashed.journal();
			long journalled = Files.exists(journal) ? Files.size(journal) : 0;
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
					.until(() -> Files.exists(journal) && Files.size(journal) > journalled);
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

}
