package dev.litestream.nats.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The journal of all runs, and what it demands of a restored database. Not thread-safe.
 */
final class JournalReader {

	/** First commit of each run. */
	private final Map<Integer, Long> begins = new HashMap<>();

	private final List<Later> later = new ArrayList<>();

	private final List<Acknowledged> acknowledged = new ArrayList<>();

	private final Map<Integer, long[]> counters = new HashMap<>();

	/**
	 * Reads the journal as it is now.
	 * @param path the file
	 */
	JournalReader(Path path) throws IOException {
		if (Files.exists(path)) {
			for (String line : Files.readAllLines(path)) {
				if (line.endsWith(" .")) {
					read(line.split(" "));
				}
			}
		}
	}

	private void read(String[] words) {
		int run = Integer.parseInt(words[1]);
		long[] numbers = Arrays.stream(words, 2, words.length - 1).mapToLong(Long::parseLong).toArray();
		switch (words[0]) {
			case "begins" -> this.begins.put(run, numbers[0]);
			case "later" -> this.later.add(new Later(run, numbers[0], numbers[1], Instant.ofEpochMilli(numbers[2])));
			case "acknowledged" -> this.acknowledged.add(new Acknowledged(run, numbers[0], numbers[1]));
			case "counted" -> this.counters.put(run, numbers);
			default -> throw new IllegalStateException("The journal has a line " + String.join(" ", words));
		}
	}

	/**
	 * Requires that a restored database holds all that was acknowledged up to its
	 * position, nothing that was made after it, and no run that never was.
	 * @param target what was asked for
	 * @param result what was restored
	 * @param history the restored database's
	 */
	void require(RestoreTarget target, RestoreResult result, History history) {
		long txid = result.txid().value();
		history.runs()
			.forEach(
					(first, run) -> assertThat(this.begins).as("run %d in %s", run, history).containsEntry(run, first));
		for (Acknowledged entry : this.acknowledged) {
			if (entry.txid <= txid) {
				assertThat(history.runOf(entry.commit))
					.as("the run of commit %d, acknowledged at TXID %d, in what was restored to TXID %d: %s",
							entry.commit, entry.txid, txid, history)
					.isEqualTo(entry.run);
			}
		}
		for (Later entry : this.later) {
			boolean before = target.before() != null && !target.before().isAfter(entry.time);
			if (txid <= entry.txid || before) {
				assertThat(history.lastOf(entry.run))
					.as("last commit of run %d, in what was restored to TXID %d for %s; later ones are after TXID %d, %s",
							entry.run, txid, target, entry.txid, entry.time)
					.isLessThanOrEqualTo(entry.commit);
			}
		}
	}

	/** How many acknowledgements there are. */
	long acknowledgements() {
		return this.acknowledged.size();
	}

	/** The newest acknowledged commit. */
	long lastAcknowledged() {
		return this.acknowledged.isEmpty() ? 0 : this.acknowledged.get(this.acknowledged.size() - 1).commit;
	}

	/** How many runs began. */
	int runs() {
		return this.begins.size();
	}

	/** A counter, summed over all runs. */
	long total(SoakApplication.Counter counter) {
		return this.counters.values().stream().mapToLong((numbers) -> numbers[counter.ordinal()]).sum();
	}

	private record Later(int run, long commit, long txid, Instant time) {
	}

	private record Acknowledged(int run, long commit, long txid) {
	}

}
