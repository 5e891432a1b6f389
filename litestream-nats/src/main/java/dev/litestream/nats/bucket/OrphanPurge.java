package dev.litestream.nats.bucket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.litestream.nats.connection.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the {@linkplain OrphanedChunks chunks without metadata} when
 * <ol>
 * <li>the last of them is an hour old by the server's clock, so that nobody is sending
 * more, and</li>
 * <li>no metadata has claimed them up to the moment of a proved listing, and</li>
 * <li>no put of this process is sending them.</li>
 * </ol>
 * Thread-safe.
 */
final class OrphanPurge {

	private static final Logger logger = LoggerFactory.getLogger(OrphanPurge.class);

	static final Duration AGE = Duration.ofHours(1);

	private final BucketScan scan;

	private final BucketIndex index;

	OrphanPurge(BucketScan scan, BucketIndex index) {
		this.scan = scan;
		this.index = index;
	}

	/**
	 * Removes what is old enough, and returns the number of puts that were. What is not
	 * waits for the next scan.
	 */
	int purge(Duration age) throws IOException {
		if (this.index.orphans().isEmpty()) {
			return 0;
		}
		// claims what has metadata by now; the clock is the server's
		Instant now = this.index.ask(this.scan, (objects, state) -> state.time());
		int purges = 0;
		for (String nuid : this.index.orphans().take()) {
			String subject = this.scan.bucket().chunks(nuid);
			Instant newest = this.scan.leader().lastTime(subject);
			if (newest != null && !newest.isAfter(now.minus(age))) {
				purge(subject);
				purges++;
			}
		}
		return purges;
	}

	private void purge(String subject) throws IOException {
		JetStreamApi api = this.scan.api();
		try (BucketIndex.Removal removal = this.index.remove(api)) {
			byte[] request = ("{\"filter\":" + Json.quote(subject) + "}").getBytes(StandardCharsets.UTF_8);
			long purged = Json.number(api.answer(api.send(this.scan.bucket().api("STREAM.PURGE"), null, request)),
					"purged");
			removal.done(List.of(), purged);
			logger.info("Removed {} chunks of a broken-off upload from {}", purged, api.options().location());
		}
	}

}
