package dev.litestream.spring;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

import dev.litestream.Litestream;
import dev.litestream.ReplicaUsage;
import dev.litestream.ReplicatedDatabase;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;

/**
 * {@link MeterBinder} of what the replicas hold, for replicas that tell. Each meter
 * carries the tag {@code db}, the absolute path of the database file. Values are at most
 * half a minute older than the last look at a meter before this one, and not a number as
 * long as nothing is known.
 * <ul>
 * <li>{@code litestream.replica.objects}, {@code litestream.replica.size}: LTX files of
 * the database and their bytes, with the tag {@code level}</li>
 * <li>{@code litestream.replica.phantoms}: objects whose content is missing</li>
 * <li>{@code litestream.replica.store.size}, {@code litestream.replica.store.limit},
 * {@code litestream.replica.store.messages}: what the whole store holds and may hold, not
 * a number without a limit</li>
 * <li>{@code litestream.replica.copies}, {@code litestream.replica.copies.current}:
 * copies that the store should keep, and those that have everything</li>
 * <li>{@code litestream.replica.copies.lag}: operations by which the slowest copy is
 * behind</li>
 * <li>{@code litestream.replica.connected}: 1 while there is a connection, else 0</li>
 * <li>{@code litestream.replica.usage.age}: how old these figures are</li>
 * <li>{@code litestream.replica.reconnects}: how often it was made again</li>
 * <li>{@code litestream.replica.round.trip}: time to the server and back</li>
 * </ul>
 */
public class LitestreamReplicaMetrics implements MeterBinder {

	private final Litestream litestream;

	/**
	 * Creates a binder.
	 * @param litestream the databases
	 */
	public LitestreamReplicaMetrics(Litestream litestream) {
		this.litestream = litestream;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		new DatabaseMeters(registry, (database, meters) -> {
			if (database.replicaUsage() != null) {
				new Binding(registry, database, meters).bind();
			}
		}).bindAll(this.litestream);
	}

	/** Registers the meters of one database. */
	private record Binding(MeterRegistry registry, ReplicatedDatabase database, Consumer<Meter> meters) {

		void bind() {
			for (int level = 0; level < 10; level++) {
				int index = level;
				Tags tags = tags().and("level", String.valueOf(level));
				gauge("litestream.replica.objects", "LTX files at the replica", null, tags,
						(usage) -> usage.levels().get(index).objects());
				gauge("litestream.replica.size", "Bytes of the LTX files at the replica", BaseUnits.BYTES, tags,
						(usage) -> usage.levels().get(index).bytes());
			}
			gauge("litestream.replica.phantoms", "Objects whose content is missing", null, tags(),
					(usage) -> usage.store().phantoms().size());
			gauge("litestream.replica.store.size", "What the store holds", BaseUnits.BYTES, tags(),
					(usage) -> usage.store().bytes());
			gauge("litestream.replica.store.limit", "What the store may hold", BaseUnits.BYTES, tags(),
					(usage) -> (usage.store().limit() >= 0) ? usage.store().limit() : Double.NaN);
			gauge("litestream.replica.store.messages", "Messages in the store", null, tags(),
					(usage) -> usage.store().messages());
			gauge("litestream.replica.copies", "Copies that the store should keep", null, tags(),
					(usage) -> usage.store().replicas());
			gauge("litestream.replica.copies.current", "Copies that have everything", null, tags(),
					(usage) -> 1 + usage.store().peers().stream().filter(ReplicaUsage.Peer::current).count());
			gauge("litestream.replica.copies.lag", "Operations by which the slowest copy is behind", null, tags(),
					(usage) -> usage.store().peers().stream().mapToLong(ReplicaUsage.Peer::lag).max().orElse(0));
			this.meters
				.accept(TimeGauge.builder("litestream.replica.usage.age", this.database, TimeUnit.SECONDS, Binding::age)
					.description("How old the figures about the replica are")
					.tags(tags())
					.strongReference(true)
					.register(this.registry));
			this.meters.accept(Gauge.builder("litestream.replica.connected", this.database, Binding::connected)
				.description("Whether there is a connection to the replica")
				.tags(tags())
				.strongReference(true)
				.register(this.registry));
			this.meters
				.accept(FunctionCounter.builder("litestream.replica.reconnects", this.database, Binding::reconnects)
					.description("How often the connection to the replica was made again")
					.tags(tags())
					.register(this.registry));
			this.meters.accept(TimeGauge
				.builder("litestream.replica.round.trip", this.database, TimeUnit.NANOSECONDS, Binding::roundTrip)
				.description("Time to the replica's server and back")
				.tags(tags())
				.strongReference(true)
				.register(this.registry));
		}

		private void gauge(String name, String description, @Nullable String unit, Tags tags,
				ToDoubleFunction<ReplicaUsage> value) {
			this.meters.accept(Gauge.builder(name, this.database, (source) -> {
				ReplicaUsage usage = source.replicaUsage();
				return (usage != null && usage.isKnown()) ? value.applyAsDouble(usage) : Double.NaN;
			}).description(description).baseUnit(unit).tags(tags).strongReference(true).register(this.registry));
		}

		private static double age(ReplicatedDatabase database) {
			ReplicaUsage usage = database.replicaUsage();
			Instant asOf = (usage != null) ? usage.asOf() : null;
			return (asOf != null) ? Math.max(0, Duration.between(asOf, Instant.now()).toMillis() / 1000.0) : Double.NaN;
		}

		private static double connected(ReplicatedDatabase database) {
			ReplicaUsage.Connection connection = connection(database);
			return (connection != null && connection.isConnected()) ? 1 : 0;
		}

		private static double reconnects(ReplicatedDatabase database) {
			ReplicaUsage.Connection connection = connection(database);
			return (connection != null) ? connection.reconnects() : 0;
		}

		private static double roundTrip(ReplicatedDatabase database) {
			ReplicaUsage.Connection connection = connection(database);
			return (connection != null && !connection.roundTrip().isZero()) ? connection.roundTrip().toNanos()
					: Double.NaN;
		}

		private static ReplicaUsage.@Nullable Connection connection(ReplicatedDatabase database) {
			ReplicaUsage usage = database.replicaUsage();
			return (usage != null) ? usage.connection() : null;
		}

		private Tags tags() {
			return Tags.of("db", this.database.path().toString());
		}

	}

}
