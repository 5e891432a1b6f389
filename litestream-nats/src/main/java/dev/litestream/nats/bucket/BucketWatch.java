package dev.litestream.nats.bucket;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaFinding;
import dev.litestream.nats.connection.Json;
import dev.litestream.nats.connection.Link;
import io.nats.client.support.JsonValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the bucket again after each loss of the connection, and each few minutes while
 * there is traffic: one request, on a separate thread. An idle database causes none. What
 * it finds is logged once. Thread-safe.
 */
final class BucketWatch {

	private static final Logger logger = LoggerFactory.getLogger(BucketWatch.class);

	private final JetStreamApi api;

	private final Bucket bucket;

	private final Duration interval;

	private final AtomicBoolean looking = new AtomicBoolean();

	private final Set<String> known = new HashSet<>();

	private volatile ReplicaCondition condition = ReplicaCondition.UNKNOWN;

	private volatile long largestMessage = Long.MAX_VALUE;

	private volatile long lookedAt;

	private volatile Link lookedThrough;

	private volatile long losses;

	private volatile Look last = new Look(-1, Passage.APART);

	BucketWatch(JetStreamApi api, Bucket bucket, Duration interval) throws IOException {
		this.api = api;
		this.bucket = bucket;
		this.interval = interval;
		this.lookedThrough = api.link();
	}

	ReplicaCondition condition() {
		return this.condition;
	}

	/** The largest message that gets through, in bytes. */
	long largestMessage() {
		return this.largestMessage;
	}

	/**
	 * How small files are sent. A server that was connected to since the last look may be
	 * another one.
	 */
	Passage passage() {
		Look look = this.last;
		return (look.connects == this.api.connects()) ? look.passage : Passage.APART;
	}

	/**
	 * Takes note of a bucket as {@code STREAM.INFO} describes it, and returns what is
	 * wrong with it, worst first. {@code connects} is how often there was a connection
	 * before that was asked.
	 */
	List<ReplicaFinding> look(JsonValue info, long connects) throws IOException {
		Link link = this.api.link();
		this.losses = link.events().losses();
		this.lookedThrough = link;
		this.lookedAt = System.nanoTime();
		BucketState state = BucketState.parse(info);
		ServerState server = ServerState.of(link.connection().getServerInfo());
		List<ReplicaFinding> findings = new ArrayList<>(
				StreamSettings.findings(StreamSettings.of(info), this.api.options()));
		findings.addAll(BucketFindings.of(state, server, this.api.options()));
		findings.sort(Comparator.comparing(ReplicaFinding::severity).reversed());
		this.api.expect(new StreamIdentity(this.bucket.stream(), Json.text(info, "domain")));
		choose(StreamState.of(info), connects, link);
		this.largestMessage = BucketFindings.largest(state, server);
		this.condition = new ReplicaCondition(BucketDurability.of(state, this.api.options().syncAlways()), findings);
		return findings;
	}

	private void choose(StreamState stream, long connects, Link link) {
		Look before = this.last;
		Look look = new Look(connects, Passage.of(this.bucket.hasOwnApi(), stream, link.connection().getServerInfo()));
		this.last = look;
		if (before.connects < 0 || before.passage != look.passage) {
			logger.info("{}: a small commit takes {}", this.api.options().location(), switch (look.passage) {
				case CHAINED -> "one round trip";
				case ATOMIC -> "one round trip, as an atomic batch";
				case APART -> "two round trips" + reason(stream);
			});
		}
	}

	private String reason(StreamState stream) {
		return (this.bucket.hasOwnApi() && stream.replicas() > 1 && !stream.allowsBatches())
				? "; one if the bucket takes atomic batches: `nats stream edit " + this.bucket.stream()
						+ " --allow-batch` (nats-server 2.14 or newer)"
				: "";
	}

	/** Logs what is new. */
	synchronized void log(List<ReplicaFinding> findings) {
		Set<String> codes = new HashSet<>();
		for (ReplicaFinding finding : findings) {
			codes.add(finding.code());
			if (this.known.add(finding.code())) {
				logger.warn("{}", finding.message());
			}
		}
		this.known.retainAll(codes);
	}

	/**
	 * There was traffic: looks if that is due. Does not wait.
	 */
	void traffic() {
		try {
			Link link = this.api.link();
			boolean due = link != this.lookedThrough || link.events().losses() != this.losses
					|| System.nanoTime() - this.lookedAt > this.interval.toNanos();
			if (due && this.looking.compareAndSet(false, true) && !link.run(this::lookAgain)) {
				this.looking.set(false);
			}
		}
		catch (IOException ex) {
			// no connection, hence no traffic
		}
	}

	private void lookAgain() {
		try {
			long connects = this.api.connects();
			log(look(this.api.request(this.bucket.api("STREAM.INFO"), "{}"), connects));
		}
		catch (IOException ex) {
			// whoever reads or writes hears of it too
			logger.debug("The bucket at {} could not be looked at", this.api.options().location(), ex);
			this.lookedAt = System.nanoTime();
		}
		catch (RuntimeException | Error ex) {
			logger.error("The bucket at {} could not be looked at; this is tried again", this.api.options().location(),
					ex);
			this.lookedAt = System.nanoTime();
		}
		finally {
			this.looking.set(false);
		}
	}

	/**
	 * What was chosen, and for which connection.
	 */
	private record Look(long connects, Passage passage) {

	}

}
