package dev.litestream.nats.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.test.Databases;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Lets an application write for minutes or hours while processes are killed, paused and
 * lose their files, and restores it to random points all the time. The length is the
 * system property {@code soak.seconds}; {@code bin/soak} runs it for half an hour.
 */
class SoakTests {

	private static final long SECONDS = Long.getLong("soak.seconds", 180);

	private static final long SEED = Long.getLong("soak.seed", System.nanoTime());

	private static final Path REPORT = Path.of(System.getProperty("soak.report", "target/soak.txt"));

	private static final Duration ROUND = Duration.ofSeconds(5);

	@TempDir(cleanup = CleanupMode.ON_SUCCESS)
	Path directory;

	private final Random random = new Random(SEED);

	private final SoakReport report = new SoakReport();

	private final List<Disturbance> coming = new ArrayList<>();

	@Test
	void everyRestoreIsAStateThatTheApplicationHad() throws Exception {
		String result = "failed";
		try (Surroundings around = new Surroundings(this.directory, SEED)) {
			Model model = new Model(this.directory.resolve("model"), SEED);
			RandomRestore restore = new RandomRestore(around, this.directory.resolve("restored"), model, this.report,
					this.random);
			try {
				around.startApplication();
				around.startForeign();
				await().atMost(Surroundings.LONG)
					.until(() -> new JournalReader(around.journal()).acknowledgements() > 0);
				long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
				for (long due = System.nanoTime(); due < end; due = Math.max(due + ROUND.toNanos(),
						System.nanoTime())) {
					LockSupport.parkNanos(due - System.nanoTime());
					disturb(around);
					restore.run();
					around.requireHealthy();
				}
				around.endApplication();
				around.killForeign();
				requireEverything(around, restore);
				result = "no difference";
			}
			finally {
				count(around, model);
			}
		}
		finally {
			this.report.write(REPORT, SEED, result);
		}
	}

	/** All disturbances in turn, in another order each time. */
	private void disturb(Surroundings around) throws IOException {
		if (this.coming.isEmpty()) {
			Collections.addAll(this.coming, Disturbance.values());
			Collections.shuffle(this.coming, this.random);
		}
		Disturbance disturbance = this.coming.remove(0);
		this.report.disturbed(disturbance);
		disturbance.happen(around, this.random);
	}

	/** The application has ended: nothing may be missing, for either program. */
	private void requireEverything(Surroundings around, RandomRestore restore) throws IOException, SQLException {
		try (NatsReplicaClient client = around.connect()) {
			List<LtxListing> listings = client.listAll();
			requireUsed(listings, new JournalReader(around.journal()));
			Path latest = restore.next("latest");
			new Restorer().restore(client, new RestoreOptions(latest, RestoreTarget.LATEST, IntegrityCheck.FULL, false),
					null);
			Path theirs = restore.next("theirs");
			Oracle.restore(around.url(), theirs);
			Databases.sameContent(theirs, latest);
			History live = restore.requireModel(around.database());
			assertThat(restore.requireModel(latest)).isEqualTo(live);
			this.report.add("the original restores the latest state: commit %d, as the live database", live.commits());
			for (int i = 0; i < 3; i++) {
				RestoreTarget instant = restore.instantOfBoth(listings);
				while (!RandomRestore.isPoint(client, listings, instant)) {
					instant = restore.instantOfBoth(listings);
				}
				requireSame(around, restore, client, instant);
			}
			this.report.add("the replica at the end, files by level: %s",
					IntStream.range(0, listings.size())
						.filter((level) -> !listings.get(level).isEmpty())
						.mapToObj((level) -> "level " + level + ": " + listings.get(level).files().size())
						.toList());
		}
	}

	private void requireSame(Surroundings around, RandomRestore restore, NatsReplicaClient client,
			RestoreTarget instant) throws IOException, SQLException {
		Path theirs = restore.next("theirs");
		Oracle.restore(around.url(), theirs, Objects.requireNonNull(instant.before()));
		Path ours = restore.next("ours");
		new Restorer().restore(client, new RestoreOptions(ours, instant, IntegrityCheck.FULL, false), null);
		Databases.sameContent(theirs, ours);
		History history = restore.requireModel(theirs);
		this.report.add("the original restores the state %s: commit %d, as we do", instant, history.commits());
		Files.delete(theirs);
		Files.delete(ours);
	}

	/** A soak in which nothing was merged or deleted has shown nothing. */
	private static void requireUsed(List<LtxListing> listings, JournalReader journal) {
		assertThat(listings.get(1)).as("compactions").isNotEmpty();
		assertThat(listings.get(ReplicaClient.SNAPSHOT_LEVEL)).as("snapshots").isNotEmpty();
		assertThat(listings.get(0).files().get(0).minTxid()).as("oldest raw file").isGreaterThan(Txid.FIRST);
		assertThat(journal.total(SoakApplication.Counter.UNVERIFIED_FILES)).as("unverified files").isZero();
	}

	private void count(Surroundings around, Model model) throws IOException {
		JournalReader journal = new JournalReader(around.journal());
		this.report.add(
				"%d runs of the application, %d acknowledgements, the last one of commit %d; %d commits replayed",
				journal.runs(), journal.acknowledgements(), journal.lastAcknowledged(), model.replayed());
		this.report.add("%d checkpoints by the foreign process", around.foreignCheckpoints());
		for (SoakApplication.Counter counter : SoakApplication.Counter.values()) {
			this.report.add("%s: %d", counter, journal.total(counter));
		}
	}

}
