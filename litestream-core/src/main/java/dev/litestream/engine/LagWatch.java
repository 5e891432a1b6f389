package dev.litestream.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

import dev.litestream.DatabaseStatus;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;

/**
 * Reports once when a commit has been waiting for its replica longer than allowed, and
 * once when none does any more. For one thread at a time.
 */
final class LagWatch {

	private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(1);

	private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(50);

	private final Duration maxLag;

	private final ReplicationListener listener;

	private final Set<String> exceeding = new HashSet<>();

	LagWatch(Duration maxLag, ReplicationListener listener) {
		this.maxLag = maxLag;
		this.listener = listener;
	}

	/** How often to look. */
	Duration interval() {
		Duration quarter = this.maxLag.dividedBy(4);
		if (quarter.compareTo(SHORTEST_INTERVAL) < 0) {
			return SHORTEST_INTERVAL;
		}
		return (quarter.compareTo(LONGEST_INTERVAL) < 0) ? quarter : LONGEST_INTERVAL;
	}

	/** Checks all databases that are replicated now. */
	synchronized void look(Collection<? extends ReplicatedDatabase> databases) {
		Set<String> names = new HashSet<>();
		for (ReplicatedDatabase database : databases) {
			DatabaseStatus status = database.status();
			names.add(status.name());
			if (status.lag().compareTo(this.maxLag) > 0) {
				if (this.exceeding.add(status.name())) {
					this.listener.onEvent(new ReplicationEvent.LagExceeded(status.name(), status.lag(), this.maxLag));
				}
			}
			else if (this.exceeding.remove(status.name())) {
				this.listener.onEvent(new ReplicationEvent.LagRecovered(status.name()));
			}
		}
		this.exceeding.retainAll(names);
	}

}
