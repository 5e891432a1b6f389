package dev.litestream.spring;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

import dev.litestream.Litestream;
import dev.litestream.ReplicaOperation;
import dev.litestream.ReplicatedDatabase;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * {@link MeterBinder} of what is asked of the replicas, with the tags {@code db},
 * {@code replica.type} and {@code operation} ({@code PUT}, {@code GET}, {@code LIST},
 * {@code DELETE}). Names are Litestream's.
 * <ul>
 * <li>{@code litestream.replica.operation}: operations that succeeded</li>
 * <li>{@code litestream.replica.operation.bytes}: bytes of LTX files moved</li>
 * <li>{@code litestream.replica.operation.errors}: operations that failed</li>
 * <li>{@code litestream.replica.operation.duration}: how long they took, with the tag
 * {@code outcome} ({@code success}, {@code error})</li>
 * </ul>
 */
public class LitestreamReplicaOperationMetrics implements MeterBinder {

	/** The counter whose name Litestream does not end with {@code total}. */
	static final String BYTES = "litestream.replica.operation.bytes";

	static final String BYTES_DESCRIPTION = "Bytes of LTX files moved";

	private final Litestream litestream;

	/**
	 * Creates a binder.
	 * @param litestream the databases
	 */
	public LitestreamReplicaOperationMetrics(Litestream litestream) {
		this.litestream = litestream;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		new DatabaseMeters(registry, (database, meters) -> {
			for (ReplicaOperation operation : database.replicaOperations()) {
				new Binding(registry, database, operation.name(), meters).bind();
			}
		}).bindAll(this.litestream);
	}

	/** The tags of one kind of operation. */
	static Tags tags(ReplicatedDatabase database, String operation) {
		return Tags.of("db", database.path().toString(), "replica.type", database.replicaType(), "operation",
				operation);
	}

	/** One figure of one kind of operation as it is now. */
	static double value(ReplicatedDatabase database, String operation, ToDoubleFunction<ReplicaOperation> value) {
		return database.replicaOperations()
			.stream()
			.filter((candidate) -> candidate.name().equals(operation))
			.mapToDouble(value)
			.sum();
	}

	/** Registers the meters of one kind of operation. */
	private record Binding(MeterRegistry registry, ReplicatedDatabase database, String operation,
			Consumer<Meter> meters) {

		void bind() {
			this.meters.accept(counter("litestream.replica.operation", "Operations of the replica that succeeded",
					ReplicaOperation::succeeded)
				.register(this.registry));
			this.meters.accept(counter(BYTES, BYTES_DESCRIPTION, ReplicaOperation::bytes).baseUnit(BaseUnits.BYTES)
				.register(this.registry));
			this.meters.accept(counter("litestream.replica.operation.errors", "Operations of the replica that failed",
					ReplicaOperation::failed)
				.register(this.registry));
			timer("success", ReplicaOperation::succeeded, (value) -> value.succeededIn().toNanos());
			timer("error", ReplicaOperation::failed, (value) -> value.failedIn().toNanos());
		}

		private FunctionCounter.Builder<ReplicatedDatabase> counter(String name, String description,
				ToDoubleFunction<ReplicaOperation> value) {
			return FunctionCounter.builder(name, this.database, (source) -> value(source, this.operation, value))
				.description(description)
				.tags(tags(this.database, this.operation));
		}

		private void timer(String outcome, ToLongFunction<ReplicaOperation> count,
				ToDoubleFunction<ReplicaOperation> nanos) {
			this.meters.accept(FunctionTimer
				.builder("litestream.replica.operation.duration", this.database,
						(source) -> (long) value(source, this.operation, count::applyAsLong),
						(source) -> value(source, this.operation, nanos), TimeUnit.NANOSECONDS)
				.description("How long operations of the replica took")
				.tags(tags(this.database, this.operation).and("outcome", outcome))
				.register(this.registry));
		}

	}

}
