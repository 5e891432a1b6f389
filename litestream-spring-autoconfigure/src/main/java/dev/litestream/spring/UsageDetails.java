package dev.litestream.spring;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.ReplicaUsage;
import org.jspecify.annotations.Nullable;

/**
 * What a replica holds, as details of its health.
 */
public final class UsageDetails {

	/** Figures are renewed each half minute while somebody asks and the store answers. */
	private static final Duration FRESH = Duration.ofMinutes(2);

	private UsageDetails() {
	}

	/**
	 * Turns a usage into details.
	 * @param usage the usage, or {@code null} if the replica does not tell
	 * @return the details, or {@code null} if nothing is known
	 */
	public static @Nullable Map<String, Object> of(@Nullable ReplicaUsage usage) {
		return of(usage, Instant.now());
	}

	static @Nullable Map<String, Object> of(@Nullable ReplicaUsage usage, Instant now) {
		if (usage == null || (!usage.isKnown() && usage.connection() == null)) {
			return null;
		}
		Map<String, Object> details = new LinkedHashMap<>();
		ReplicaUsage.Connection connection = usage.connection();
		if (connection != null) {
			details.put("connection", connection.state());
			details.put("server", connection.server());
			details.put("reconnects", connection.reconnects());
			details.put("roundTrip", connection.roundTrip());
			if (connection.roundTripsPerCommit() > 0) {
				details.put("roundTripsPerCommit", connection.roundTripsPerCommit());
			}
		}
		Instant asOf = usage.asOf();
		if (asOf != null) {
			details.put("asOf", asOf);
			Duration age = Duration.between(asOf, now);
			if (age.compareTo(FRESH) > 0) {
				details.put("age", age.truncatedTo(ChronoUnit.SECONDS));
			}
			details.put("objects", usage.objects());
			details.put("bytes", usage.bytes());
			putStore(details, usage.store());
		}
		if (usage.problem() != null) {
			details.put("problem", usage.problem());
		}
		return details;
	}

	private static void putStore(Map<String, Object> details, ReplicaUsage.Store store) {
		details.put("storeBytes", store.bytes());
		if (store.limit() >= 0) {
			details.put("storeLimit", store.limit());
		}
		details.put("copies", store.replicas());
		if (!store.leader().isEmpty()) {
			details.put("leader", store.leader());
		}
		List<ReplicaUsage.Peer> behind = store.peers().stream().filter((peer) -> !peer.current()).toList();
		if (!behind.isEmpty()) {
			details.put("behind", behind);
		}
		if (!store.phantoms().isEmpty()) {
			details.put("phantoms", store.phantoms());
		}
	}

}
