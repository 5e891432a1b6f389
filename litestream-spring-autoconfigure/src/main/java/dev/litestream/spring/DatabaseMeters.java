package dev.litestream.spring;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * The meters of the databases in one registry: registered and removed as databases come
 * and go. Safe for use by several threads.
 */
final class DatabaseMeters implements ReplicationListener {

	private final MeterRegistry registry;

	private final BiConsumer<ReplicatedDatabase, Consumer<Meter>> binding;

	private final Map<ReplicatedDatabase, List<Meter>> meters = new HashMap<>();

	/**
	 * Prepares; nothing is registered.
	 * @param registry where the meters are
	 * @param binding registers the meters of a database and hands over each of them
	 */
	DatabaseMeters(MeterRegistry registry, BiConsumer<ReplicatedDatabase, Consumer<Meter>> binding) {
		this.registry = registry;
		this.binding = binding;
	}

	void bindAll(Litestream litestream) {
		litestream.addListener(this);
		litestream.databases().forEach(this::registered);
	}

	@Override
	public synchronized void registered(ReplicatedDatabase database) {
		if (!this.meters.containsKey(database)) {
			List<Meter> bound = new ArrayList<>();
			this.meters.put(database, bound);
			this.binding.accept(database, bound::add);
		}
	}

	@Override
	public synchronized void unregistered(ReplicatedDatabase database) {
		List<Meter> bound = this.meters.remove(database);
		if (bound != null) {
			bound.forEach(this.registry::remove);
		}
	}

}
