package dev.litestream.nats;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.litestream.ReplicaUsage;
import dev.litestream.replica.ReplicaClient;
import io.nats.client.Connection;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what the replica holds when somebody asks, at most every 30 seconds, beside
 * the one who asks: one request for the stream's state, and one ping. Safe for use by
 * several threads.
 */
final class UsageProbe {

	private static final long FRESH_NANOS = Duration.ofSeconds(30).toNanos();

	private final SharedConnection connection;

	private final BucketIndex index;

	private final BucketScan scan;

	private final ObjectNames names;

	private final AtomicBoolean running = new AtomicBoolean();

	private volatile ReplicaUsage last = ReplicaUsage.unknown(null);

	private volatile @Nullable Long renewed;

	private volatile Duration roundTrip = Duration.ZERO;

	UsageProbe(SharedConnection connection, BucketIndex index, BucketScan scan, ObjectNames names) {
		this.connection = connection;
		this.index = index;
		this.scan = scan;
		this.names = names;
	}

	/**
	 * The usage as it was last found out, beside the connection as it is now.
	 * @return the usage
	 */
	ReplicaUsage usage() {
		SharedConnection.Link link = this.connection.current();
		if (link == null) {
			return this.last;
		}
		Long before = this.renewed;
		boolean due = before == null || System.nanoTime() - before > FRESH_NANOS;
		if (due && this.running.compareAndSet(false, true) && !link.run(() -> renew(link))) {
			this.running.set(false);
		}
		ReplicaUsage known = this.last;
		return known.with(state(link.connection()), known.problem());
	}

	private void renew(SharedConnection.Link link) {
		try {
			this.last = find(link.connection());
		}
		catch (IOException | RuntimeException ex) {
			this.last = this.last.with(null, String.valueOf(ex.getMessage()));
		}
		finally {
			this.renewed = System.nanoTime();
			this.running.set(false);
		}
	}

	private ReplicaUsage find(Connection current) throws IOException {
		this.roundTrip = current.RTT();
		ReplicaUsage.Connection state = state(current);
		return this.index.ask(this.scan, (objects, stream) -> {
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
		return new ReplicaUsage.Connection(current.getStatus().name(), server, current.getStatistics().getReconnects(),
				this.roundTrip);
	}

}
