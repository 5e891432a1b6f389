package dev.litestream.nats.bucket;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.litestream.ReplicaUsage;
import dev.litestream.nats.connection.Link;
import dev.litestream.nats.connection.SharedConnection;
import dev.litestream.replica.ReplicaClient;
import io.nats.client.Connection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what the replica holds when somebody asks, at most every 30 seconds, beside
 * the one who asks: one request for the stream's state, and one ping. Thread-safe.
 */
final class UsageProbe {

	private static final Logger logger = LoggerFactory.getLogger(UsageProbe.class);

	private static final long FRESH_NANOS = Duration.ofSeconds(30).toNanos();

	/** A server that did not answer is asked again sooner. */
	private static final long SILENT_NANOS = Duration.ofSeconds(5).toNanos();

	private final SharedConnection connection;

	private final BucketIndex index;

	private final BucketScan scan;

	private final ObjectNames names;

	private final ObjectList list;

	private final BucketWatch watch;

	private final AtomicBoolean running = new AtomicBoolean();

	private volatile ReplicaUsage last = ReplicaUsage.unknown(null);

	private volatile @Nullable Long renewed;

	private volatile Duration roundTrip = Duration.ZERO;

	/** The connection on which a ping was not answered. */
	private volatile @Nullable Connection silent;

	/** Since when the server has not answered. */
	private volatile Instant silentSince = Instant.EPOCH;

	UsageProbe(SharedConnection connection, BucketIndex index, BucketScan scan, ObjectNames names, ObjectList list,
			BucketWatch watch) {
		this.watch = watch;
		this.connection = connection;
		this.index = index;
		this.scan = scan;
		this.names = names;
		this.list = list;
	}

	/** The usage as it was last found out, beside the connection as it is now. */
	ReplicaUsage usage() {
		Link link = this.connection.current();
		if (link == null) {
			return this.last.with(ReplicaUsage.Connection.NONE, "There is no connection");
		}
		Long before = this.renewed;
		boolean due = before == null
				|| System.nanoTime() - before > ((this.silent != null) ? SILENT_NANOS : FRESH_NANOS);
		if (due && this.running.compareAndSet(false, true) && !link.run(() -> renew(link))) {
			this.running.set(false);
		}
		ReplicaUsage known = this.last;
		return known.with(state(link.connection()), problem(link, known.problem()));
	}

	/**
	 * Whether there is a connection on which the server answered the last time that it
	 * was asked something here.
	 */
	boolean isConnected() {
		Link link = this.connection.current();
		return link != null && link.connection().getStatus() == Connection.Status.CONNECTED
				&& link.connection() != this.silent;
	}

	/**
	 * Why the replica is out of reach. Returns since when and why, with the cure, or
	 * {@code null} if it is not.
	 */
	@Nullable String outage() {
		Link link = this.connection.current();
		if (link == null) {
			return "there is no connection to it";
		}
		if (link.connection() == this.silent) {
			return "the server keeps the connection but has not answered since " + this.silentSince
					+ ". Look at the NATS server and its load";
		}
		if (link.connection().getStatus() == Connection.Status.CONNECTED) {
			return null;
		}
		link.answers().disconnected(this.scan.bucket()::unserved);
		IOException reason = link.events().problem();
		return "the connection was lost at " + link.events().lostAt().truncatedTo(ChronoUnit.SECONDS)
				+ ((reason != null) ? " (" + reason.getMessage() + ")" : "")
				+ ". Start the NATS server again or mend the way to it; it is connected to by itself then";
	}

	private static @Nullable String problem(Link link, @Nullable String known) {
		if (link.connection().getStatus() == Connection.Status.CONNECTED) {
			return known;
		}
		IOException reason = link.events().problem();
		return (reason != null) ? reason.getMessage() : "The connection is lost";
	}

	private void renew(Link link) {
		try {
			if (link.connection().getStatus() == Connection.Status.CONNECTED) {
				ping(link);
				this.last = find(link.connection());
			}
		}
		catch (IOException | RuntimeException ex) {
			this.last = this.last.with(null, String.valueOf(ex.getMessage()));
		}
		catch (Error ex) {
			this.last = this.last.with(null, "The replica could not be asked: " + ex);
			logger.error("What {} holds could not be found out", this.scan.api().options().location(), ex);
		}
		finally {
			this.renewed = System.nanoTime();
			this.running.set(false);
		}
	}

	private void ping(Link link) throws IOException {
		Connection current = link.connection();
		try {
			this.roundTrip = current.RTT();
			this.silent = null;
		}
		catch (IOException ex) {
			if (this.silent != current) {
				this.silentSince = Instant.now().truncatedTo(ChronoUnit.SECONDS);
				this.silent = current;
			}
			link.answers().unanswered(this.scan.bucket()::unserved);
			throw new IOException("The server does not answer", ex);
		}
	}

	private ReplicaUsage find(Connection current) throws IOException {
		ReplicaUsage.Connection state = state(current);
		return this.index.ask(this.scan, (objects, stream) -> {
			this.list.look(objects);
			List<ReplicaUsage.Level> levels = new ArrayList<>();
			for (int level = 0; level < ReplicaClient.LEVELS; level++) {
				levels.add(new ReplicaUsage.Level(objects.count(this.names, level), objects.bytes(this.names, level)));
			}
			ReplicaUsage.Store store = new ReplicaUsage.Store(stream.bytes(), stream.maxBytes(), stream.messages(),
					stream.replicas(), stream.leader(), stream.peers(), List.copyOf(objects.phantoms(this.names)));
			return new ReplicaUsage(Instant.now(), levels, store, state, null);
		});
	}

	private ReplicaUsage.Connection state(Connection current) {
		String url = current.getConnectedUrl();
		// a URL may carry who we are
		String server = (url != null) ? url.substring(url.lastIndexOf('@') + 1) : "";
		Connection.Status status = current.getStatus();
		return new ReplicaUsage.Connection(
				(status == Connection.Status.CONNECTED && current == this.silent) ? "SILENT" : status.name(), server,
				current.getStatistics().getReconnects(), this.roundTrip, this.watch.passage().roundTrips());
	}

}
