package dev.litestream.spring;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * The meters of the databases in one registry: registered and removed as databases come
 * and go. Thread-safe.
 */
final class DatabaseMeters implements ReplicationListener {

	private final MeterRegistry registry;

	private final BiConsumer<ReplicatedDatabase, Consumer<Meter>> binding;

	private final Map<ReplicatedDatabase, List<Meter>> meters = new HashMap<>();

	/**
	 * Registers nothing yet. The binding registers the meters of a database and hands
	 * over each of them.
	 */
	DatabaseMeters(MeterRegistry registry, BiConsumer<ReplicatedDatabase, Consumer<Meter>> binding) {
		this.registry = registry;
		this.binding = binding;
	}

	void bindAll(Litestream litestream) {
		litestream.addListener(this);
		litestream.databases().forEach(this::add);
	}

	@Override
	public void onEvent(ReplicationEvent event) {
		if (event instanceof ReplicationEvent.DatabaseRegistered registered) {
			add(registered.source());
		}
		else if (event instanceof ReplicationEvent.DatabaseUnregistered unregistered) {
			remove(unregistered.source());
		}
	}

	private synchronized void add(ReplicatedDatabase database) {
		if (!this.meters.containsKey(database)) {
			List<Meter> bound = new ArrayList<>();
			this.meters.put(database, bound);
			this.binding.accept(database, bound::add);
		}
	}

	private synchronized void remove(ReplicatedDatabase database) {
		List<Meter> bound = this.meters.remove(database);
		if (bound != null) {
			bound.forEach(this.registry::remove);
		}
	}

}
