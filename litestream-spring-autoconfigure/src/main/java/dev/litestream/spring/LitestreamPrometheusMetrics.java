package dev.litestream.spring;

import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.litestream.Litestream;
import dev.litestream.ReplicaOperation;
import dev.litestream.ReplicatedDatabase;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Gives the meters that Litestream has too its own names in a Prometheus registry, so
 * that dashboards made for it go on working: {@code litestream_sync_count} instead of
 * {@code litestream_sync_count_total}, {@code litestream_db_size} instead of
 * {@code litestream_db_size_bytes}. A counter cannot be named so; so these are gauges
 * there, which {@code rate()} takes as well. Other registries have counters.
 */
public class LitestreamPrometheusMetrics implements MeterBinder {

	private static final Set<String> COUNTERS = Stream
		.concat(Stream.of(UpstreamCounter.values()).map(UpstreamCounter::meter),
				Stream.of(LitestreamReplicaOperationMetrics.BYTES))
		.collect(Collectors.toUnmodifiableSet());

	private static final Set<String> WITHOUT_UNIT = Set.of("litestream.db.size", "litestream.wal.size");

	private final Litestream litestream;

	/**
	 * Creates a binder.
	 * @param litestream the databases
	 */
	public LitestreamPrometheusMetrics(Litestream litestream) {
		this.litestream = litestream;
	}

	/**
	 * Keeps the counters out that this binder replaces, and units out of names.
	 * @return a filter for the Prometheus registry, to be set before meters are bound
	 */
	public static MeterFilter names() {
		return new MeterFilter() {

			@Override
			public Meter.Id map(Meter.Id id) {
				return WITHOUT_UNIT.contains(id.getName()) ? id.withBaseUnit(null) : id;
			}

			@Override
			public MeterFilterReply accept(Meter.Id id) {
				return (id.getType() == Meter.Type.COUNTER && COUNTERS.contains(id.getName())) ? MeterFilterReply.DENY
						: MeterFilterReply.NEUTRAL;
			}

		};
	}

	/**
	 * Binds to the Prometheus registry, not to one that it is a part of.
	 */
	@Override
	public void bindTo(MeterRegistry registry) {
		new DatabaseMeters(registry, (database, meters) -> {
			Tags tags = Tags.of("db", database.path().toString());
			for (UpstreamCounter counter : UpstreamCounter.values()) {
				register(registry, meters,
						Gauge.builder(counter.meter(), database, (source) -> counter.value(source.status()))
							.description(counter.description())
							.tags(counter.tags(tags)));
			}
			database.replicaOperations().forEach((operation) -> bytes(registry, database, operation.name(), meters));
		}).bindAll(this.litestream);
	}

	private static void bytes(MeterRegistry registry, ReplicatedDatabase database, String operation,
			Consumer<Meter> meters) {
		register(registry, meters,
				Gauge
					.builder(LitestreamReplicaOperationMetrics.BYTES, database,
							(source) -> LitestreamReplicaOperationMetrics.value(source, operation,
									ReplicaOperation::bytes))
					.description(LitestreamReplicaOperationMetrics.BYTES_DESCRIPTION)
					.tags(LitestreamReplicaOperationMetrics.tags(database, operation)));
	}

	private static void register(MeterRegistry registry, Consumer<Meter> meters,
			Gauge.Builder<ReplicatedDatabase> gauge) {
		meters.accept(gauge.strongReference(true).register(registry));
	}

}
