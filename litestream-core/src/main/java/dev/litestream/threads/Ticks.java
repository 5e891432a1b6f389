package dev.litestream.threads;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeated calls, grouped by interval: one wake-up for a thousand databases, not a
 * thousand. They run one after the other on one of the workers: each has to be short.
 * Thread-safe.
 */
final class Ticks {

	private static final Logger logger = LoggerFactory.getLogger(Ticks.class);

	private final Workers workers;

	private final Map<Duration, Group> groups = new HashMap<>();

	Ticks(Workers workers) {
		this.workers = workers;
	}

	/**
	 * Calls something at every interval. The result ends this; one more call may be under
	 * way.
	 */
	synchronized Runnable every(Duration interval, Runnable call) {
		// A new object each time: the same call may be added twice.
		Runnable member = () -> call.run();
		this.groups.computeIfAbsent(interval, Group::new).calls.add(member);
		return () -> remove(interval, member);
	}

	private synchronized void remove(Duration interval, Runnable member) {
		Group group = this.groups.get(interval);
		if (group != null && group.calls.remove(member) && group.calls.isEmpty()) {
			this.groups.remove(interval);
			group.cancel.run();
		}
	}

	/** The calls of one interval. */
	private final class Group {

		private final Set<Runnable> calls = ConcurrentHashMap.newKeySet();

		private final Runnable cancel;

		Group(Duration interval) {
			SerialTask task = new SerialTask(Ticks.this.workers.pool(), this::run,
					(cause) -> logger.error("A tick failed", cause));
			this.cancel = Ticks.this.workers.every(interval, task::signal);
		}

		private void run() {
			for (Runnable call : this.calls) {
				try {
					call.run();
				}
				catch (RuntimeException | Error ex) {
					// The other calls must still run.
					logger.error("The tick of a database failed", ex);
				}
			}
		}

	}

}
