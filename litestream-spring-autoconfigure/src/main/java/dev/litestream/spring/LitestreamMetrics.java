package dev.litestream.spring;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import dev.litestream.DatabaseStatus;
import dev.litestream.DatabaseStatus.Counters;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.BaseUnits;

/**
 * {@link MeterBinder} of the replicated databases. Names are those of Litestream's own
 * metrics where it has them. Each meter carries the tag {@code db}, the absolute path of
 * the database file.
 * <ul>
 * <li>{@code litestream.db.size}: size of the database, in bytes</li>
 * <li>{@code litestream.wal.size}: logical size of the WAL, in bytes</li>
 * <li>{@code litestream.total.wal.bytes}: bytes of the WAL turned into LTX files</li>
 * <li>{@code litestream.txid}: newest local position</li>
 * <li>{@code litestream.replicated.txid}: newest position that the replica has
 * acknowledged</li>
 * <li>{@code litestream.replication.lag}: how long the oldest commit that is not
 * replicated has been waiting</li>
 * <li>{@code litestream.spool.size}: bytes kept locally that the replica has not
 * acknowledged</li>
 * <li>{@code litestream.sync.count}, {@code litestream.sync.error.count},
 * {@code litestream.sync.seconds}: syncs, those that failed, and the time spent in
 * them</li>
 * <li>{@code litestream.checkpoint.count}, {@code litestream.checkpoint.error.count},
 * {@code litestream.checkpoint.seconds}: checkpoints, those that failed, and the time
 * spent in them</li>
 * <li>{@code litestream.resync.count}: syncs that could not continue from the last
 * position</li>
 * <li>{@code litestream.replica.operation}, {@code litestream.replica.operation.bytes},
 * {@code litestream.replica.operation.errors}, with the tag {@code operation} set to
 * {@code PUT}: LTX files acknowledged by the replica, their bytes, and uploads that
 * failed</li>
 * </ul>
 */
public class LitestreamMetrics implements MeterBinder {

	private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

	private final Litestream litestream;

	/**
	 * Creates a binder.
	 * @param litestream the databases
	 */
	public LitestreamMetrics(Litestream litestream) {
		this.litestream = litestream;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		new Bindings(registry).bindAll(this.litestream);
	}

	/** The meters of the databases in one registry, as databases come and go. */
	private static final class Bindings implements ReplicationListener {

		private final MeterRegistry registry;

		private final Map<ReplicatedDatabase, Binding> bindings = new HashMap<>();

		Bindings(MeterRegistry registry) {
			this.registry = registry;
		}

		void bindAll(Litestream litestream) {
			litestream.addListener(this);
			litestream.databases().forEach(this::registered);
		}

		@Override
		public synchronized void registered(ReplicatedDatabase database) {
			if (!this.bindings.containsKey(database)) {
				Binding binding = new Binding(this.registry, database);
				this.bindings.put(database, binding);
				binding.bind();
			}
		}

		@Override
		public synchronized void unregistered(ReplicatedDatabase database) {
			Binding binding = this.bindings.remove(database);
			if (binding != null) {
				binding.remove();
			}
		}

	}

	/** Registers and removes the meters of one database. */
	private static final class Binding {

		private final MeterRegistry registry;

		private final ReplicatedDatabase database;

		private final List<Meter> meters = new ArrayList<>();

		Binding(MeterRegistry registry, ReplicatedDatabase database) {
			this.registry = registry;
			this.database = database;
		}

		void remove() {
			this.meters.forEach(this.registry::remove);
		}

		private void add(Meter meter) {
			this.meters.add(meter);
		}

		void bind() {
			size("litestream.db.size", "Size of the database", Counters::databaseBytes);
			size("litestream.wal.size", "Logical size of the WAL", Counters::walSize);
			size("litestream.spool.size", "LTX files kept locally that the replica has not acknowledged",
					Counters::spoolBytes);
			gauge("litestream.txid", "Newest local position", (status) -> status.txid().value());
			gauge("litestream.replicated.txid", "Newest position that the replica has acknowledged",
					(status) -> status.replicatedTxid().value());
			add(TimeGauge
				.builder("litestream.replication.lag", this.database, TimeUnit.NANOSECONDS,
						(source) -> source.status().lag().toNanos())
				.description("How long the oldest commit that is not replicated has been waiting")
				.tags(tags())
				.strongReference(true)
				.register(this.registry));
			bytes("litestream.total.wal.bytes", "WAL turned into LTX files", tags(), Counters::walBytes);
			count("litestream.sync.count", "Syncs that looked for new frames", tags(), Counters::syncs);
			count("litestream.sync.error.count", "Syncs that failed", tags(), Counters::syncErrors);
			seconds("litestream.sync.seconds", "Time spent in syncs", Counters::syncNanos);
			count("litestream.checkpoint.count", "Checkpoints that ran", tags(), Counters::checkpoints);
			count("litestream.checkpoint.error.count", "Checkpoints that failed", tags(), Counters::checkpointErrors);
			seconds("litestream.checkpoint.seconds", "Time spent in checkpoints", Counters::checkpointNanos);
			count("litestream.resync.count", "Syncs that could not continue from the last position", tags(),
					Counters::resyncs);
			Tags put = tags().and("operation", "PUT");
			count("litestream.replica.operation", "Operations that the replica has acknowledged", put,
					Counters::objects);
			bytes("litestream.replica.operation.bytes", "Bytes moved by operations of the replica", put,
					Counters::objectBytes);
			count("litestream.replica.operation.errors", "Operations of the replica that failed", put,
					Counters::uploadErrors);
		}

		private void size(String name, String description, ToDoubleFunction<Counters> value) {
			add(Gauge.builder(name, this.database, (source) -> value.applyAsDouble(source.status().counters()))
				.description(description)
				.baseUnit(BaseUnits.BYTES)
				.tags(tags())
				.strongReference(true)
				.register(this.registry));
		}

		private void gauge(String name, String description, ToDoubleFunction<DatabaseStatus> value) {
			add(Gauge.builder(name, this.database, (source) -> value.applyAsDouble(source.status()))
				.description(description)
				.tags(tags())
				.strongReference(true)
				.register(this.registry));
		}

		private void count(String name, String description, Tags tags, ToDoubleFunction<Counters> value) {
			add(counter(name, description, tags, value).register(this.registry));
		}

		private void bytes(String name, String description, Tags tags, ToDoubleFunction<Counters> value) {
			add(counter(name, description, tags, value).baseUnit(BaseUnits.BYTES).register(this.registry));
		}

		private void seconds(String name, String description, ToDoubleFunction<Counters> nanos) {
			add(counter(name, description, tags(), (counters) -> nanos.applyAsDouble(counters) / NANOS_PER_SECOND)
				.baseUnit("seconds")
				.register(this.registry));
		}

		// A function counter holds its source weakly; the bean holds the databases.
		private FunctionCounter.Builder<ReplicatedDatabase> counter(String name, String description, Tags tags,
				ToDoubleFunction<Counters> value) {
			return FunctionCounter
				.builder(name, this.database, (source) -> value.applyAsDouble(source.status().counters()))
				.description(description)
				.tags(tags);
		}

		private Tags tags() {
			return Tags.of("db", this.database.path().toString());
		}

	}

}
