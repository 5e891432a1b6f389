package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.litestream.nats.connection.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks that a scan found without metadata: left by a put that was broken off, or part
 * of one under way. They are removed when
 * <ol>
 * <li>the last of them is an hour old by the server's clock, so that nobody is sending
 * more, and</li>
 * <li>no metadata has claimed them up to the moment of a proved listing, and</li>
 * <li>no put of this process is sending them.</li>
 * </ol>
 * Thread-safe.
 */
final class OrphanedChunks {

	private static final Logger logger = LoggerFactory.getLogger(OrphanedChunks.class);

	static final Duration AGE = Duration.ofHours(1);

	private static final int AT_ONCE = 64;

	private final Set<String> candidates = new HashSet<>();

	private final Set<String> ours = new HashSet<>();

	synchronized void found(Set<String> nuids) {
		this.candidates.clear();
		// of another kind are the subjects of nobody's objects, or wildcards in a purge
		nuids.stream().filter(ObjectMeta::isNuid).forEach(this.candidates::add);
	}

	synchronized void claimed(String nuid) {
		this.candidates.remove(nuid);
	}

	synchronized void putStarted(String nuid) {
		this.ours.add(nuid);
	}

	synchronized void putEnded(String nuid) {
		this.ours.remove(nuid);
	}

	private synchronized List<String> some() {
		List<String> some = new ArrayList<>();
		for (String nuid : this.candidates) {
			if (!this.ours.contains(nuid) && some.size() < AT_ONCE) {
				some.add(nuid);
			}
		}
		some.forEach(this.candidates::remove);
		return some;
	}

	/**
	 * Removes what is old enough, and returns the number of puts that were. What is not
	 * waits for the next scan.
	 */
	int collect(BucketScan scan, BucketIndex index, Duration age) throws IOException {
		synchronized (this) {
			if (this.candidates.isEmpty()) {
				return 0;
			}
		}
		// claims what has metadata by now; the clock is the server's
		Instant now = index.ask(scan, (objects, state) -> state.time());
		int collected = 0;
		for (String nuid : some()) {
			String subject = scan.bucket().chunks(nuid);
			Instant newest = scan.leader().lastTime(subject);
			if (newest == null || newest.isAfter(now.minus(age))) {
				continue;
			}
			try (BucketIndex.Removal removal = index.remove(scan.api())) {
				long purged = Json.number(
						scan.api()
							.answer(scan.api()
								.send(scan.bucket().api("STREAM.PURGE"), null,
										("{\"filter\":" + Json.quote(subject) + "}").getBytes(StandardCharsets.UTF_8))),
						"purged");
				removal.done(List.of(), purged);
				collected++;
				logger.info("Removed {} chunks of a broken-off upload from {}", purged,
						scan.api().options().location());
			}
		}
		return collected;
	}

}
