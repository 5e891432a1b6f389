package dev.litestream.nats.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;

/**
 * Counts what a soak did, and writes it into a file. Not thread-safe.
 */
final class SoakReport {

	private final long start = System.nanoTime();

	private final Map<Disturbance, Integer> disturbances = new EnumMap<>(Disturbance.class);

	private final StringBuilder end = new StringBuilder();

	private int latest;

	private int txids;

	private int instants;

	private int expired;

	private long bytes;

	private long pages;

	private long rows;

	private int mostFiles;

	void disturbed(Disturbance disturbance) {
		this.disturbances.merge(disturbance, 1, Integer::sum);
	}

	void restored(RestoreTarget target, RestoreResult result, long rows) {
		this.latest += target.equals(RestoreTarget.LATEST) ? 1 : 0;
		this.txids += (target.txid() != null) ? 1 : 0;
		this.instants += (target.before() != null) ? 1 : 0;
		this.bytes += result.bytesRead();
		this.pages += result.pages();
		this.rows += rows;
		this.mostFiles = Math.max(this.mostFiles, result.files());
	}

	void expired() {
		this.expired++;
	}

	int restores() {
		return this.latest + this.txids + this.instants;
	}

	/** Adds a line to the end of the report. */
	void add(String line, Object... arguments) {
		this.end.append(String.format(Locale.ROOT, line, arguments)).append(System.lineSeparator());
	}

	/**
	 * Writes the report.
	 * @param file the file
	 * @param seed the seed of the soak
	 * @param result how it ended, in a sentence
	 */
	void write(Path file, long seed, String result) throws IOException {
		StringBuilder text = new StringBuilder();
		text.append(String.format(Locale.ROOT, "soak of %d s, seed %d: %s%n",
				Duration.ofNanos(System.nanoTime() - this.start).toSeconds(), seed, result));
		text.append(String.format(Locale.ROOT, "%d rounds: %s%n",
				this.disturbances.values().stream().mapToInt((n) -> n).sum(),
				this.disturbances.entrySet()
					.stream()
					.map((entry) -> entry.getValue() + " " + entry.getKey())
					.collect(Collectors.joining(", "))));
		text.append(String.format(Locale.ROOT,
				"%d restores during the run (%d latest, %d TXIDs, %d instants; %d points expired meanwhile): ",
				restores(), this.latest, this.txids, this.instants, this.expired));
		text.append(String.format(Locale.ROOT, "%d bytes of LTX read, %d pages, at most %d files, %d rows compared%n",
				this.bytes, this.pages, this.mostFiles, this.rows));
		text.append(this.end);
		Files.createDirectories(file.toAbsolutePath().getParent());
		Files.writeString(file, text);
		System.out.print(text);
	}

}
