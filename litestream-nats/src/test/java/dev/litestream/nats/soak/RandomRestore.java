package dev.litestream.nats.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.RestorePlanner;
import dev.litestream.restore.RestorePointMissingException;
import dev.litestream.restore.Restorer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Restores to random points, and requires that what comes out is a state that the
 * application had, the right one, and sound. Not thread-safe.
 */
final class RandomRestore {

	/** A point can expire between its choice and its restore, but not again and again. */
	private static final int ATTEMPTS = 20;

	private final Surroundings around;

	private final Path directory;

	private final Model model;

	private final SoakReport report;

	private final Random random;

	private int restores;

	RandomRestore(Surroundings around, Path directory, Model model, SoakReport report, Random random)
			throws IOException {
		this.around = around;
		this.directory = Files.createDirectories(directory);
		this.model = model;
		this.report = report;
		this.random = random;
	}

	/** Restores to the latest state, a TXID or an instant, whatever comes. */
	void run() throws IOException, SQLException {
		try (NatsReplicaClient client = this.around.connect()) {
			for (int attempt = 1;; attempt++) {
				RestoreTarget target = choose(client);
				try {
					Path file = restore(client, target);
					Files.delete(file);
					return;
				}
				catch (RestorePointMissingException ex) {
					if (attempt == ATTEMPTS || isPoint(client, client.listAll(), target)) {
						throw ex;
					}
					this.report.expired();
				}
			}
		}
	}

	/** A target that the replica holds at this moment. */
	RestoreTarget choose(NatsReplicaClient client) throws IOException {
		while (true) {
			List<LtxListing> listings = client.listAll();
			RestoreTarget target = switch (this.random.nextInt(3)) {
				case 0 -> RestoreTarget.LATEST;
				case 1 -> {
					List<LtxListing> levels = listings.stream().filter((listing) -> !listing.isEmpty()).toList();
					List<LtxFileInfo> files = levels.get(this.random.nextInt(levels.size())).files();
					yield RestoreTarget.of(files.get(this.random.nextInt(files.size())).maxTxid());
				}
				default -> instant(listings, System.currentTimeMillis());
			};
			if (isPoint(client, listings, target)) {
				return target;
			}
		}
	}

	/** A random instant at which both programs restore: none after the newest file. */
	RestoreTarget instantOfBoth(List<LtxListing> listings) {
		return instant(listings, times(listings).max().orElseThrow());
	}

	/** A random instant after the oldest file. */
	private RestoreTarget instant(List<LtxListing> listings, long end) {
		long first = times(listings).min().orElseThrow();
		return RestoreTarget
			.before(Instant.ofEpochMilli(first + 1 + (long) (this.random.nextDouble() * (end - first))));
	}

	/** When the files of all levels were created, in milliseconds. */
	private static LongStream times(List<LtxListing> listings) {
		return listings.stream()
			.flatMap((listing) -> listing.files().stream())
			.mapToLong((file) -> file.createdAt().toEpochMilli());
	}

	static boolean isPoint(NatsReplicaClient client, List<LtxListing> listings, RestoreTarget target)
			throws IOException {
		try {
			new RestorePlanner(client.location(), listings, List.of()).plan(target);
			return true;
		}
		catch (RestorePointMissingException ex) {
			return false;
		}
	}

	/**
	 * Restores and requires all that can be required.
	 * @param client the replica
	 * @param target the point
	 * @return the restored database
	 */
	Path restore(NatsReplicaClient client, RestoreTarget target) throws IOException, SQLException {
		// Read before, as what is acknowledged later may not be in it.
		JournalReader journal = new JournalReader(this.around.journal());
		Path file = next("ours");
		RestoreResult result = new Restorer().restore(client,
				new RestoreOptions(file, target, IntegrityCheck.FULL, false), null);
		if (target.txid() != null) {
			assertThat(result.txid()).isEqualTo(target.txid());
		}
		if (target.before() != null) {
			assertThat(result.timestamp()).isBefore(target.before());
		}
		History history = history(file);
		if (target.equals(RestoreTarget.LATEST)) {
			assertThat(history.commits()).as("the latest state").isGreaterThanOrEqualTo(journal.lastAcknowledged());
		}
		// Read after, as the run that this belongs to may have just begun.
		new JournalReader(this.around.journal()).require(target, result, history);
		this.report.restored(target, result, this.model.requireSame(file, history));
		return file;
	}

	/** Requires that a database has the rows that its history demands. */
	History requireModel(Path file) throws IOException, SQLException {
		History history = history(file);
		this.model.requireSame(file, history);
		return history;
	}

	private static History history(Path file) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
			return History.of(connection);
		}
	}

	Path next(String name) {
		return this.directory.resolve(name + "-" + (++this.restores) + ".db");
	}

}
