package dev.litestream.spring;

import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import dev.litestream.DatabaseStatus;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import org.jspecify.annotations.Nullable;

/**
 * The counters of a database that Litestream has too. Their names do not end with
 * {@code total}, as Prometheus wants it; so {@link LitestreamPrometheusMetrics} has a way
 * of its own with them.
 */
enum UpstreamCounter {

	WAL_BYTES("litestream.total.wal.bytes", "WAL turned into LTX files", BaseUnits.BYTES,
			(status) -> status.counters().walBytes()),

	SYNCS("litestream.sync.count", "Syncs that looked for new frames", null, (status) -> status.counters().syncs()),

	SYNC_ERRORS("litestream.sync.error.count", "Syncs that failed", null, (status) -> status.counters().syncErrors()),

	SYNC_SECONDS("litestream.sync.seconds", "Time spent in syncs", "seconds",
			(status) -> seconds(status.counters().syncNanos())),

	CHECKPOINTS("litestream.checkpoint.count", "Checkpoints that ran", null,
			(status) -> status.counters().checkpoints()),

	CHECKPOINT_ERRORS("litestream.checkpoint.error.count", "Checkpoints that failed", null,
			(status) -> status.counters().checkpointErrors()),

	CHECKPOINT_SECONDS("litestream.checkpoint.seconds", "Time spent in checkpoints", "seconds",
			(status) -> seconds(status.counters().checkpointNanos())),

	COMPACTION_VERIFY_ERRORS("litestream.compaction.verify.error.count",
			"Files that were read back and were not what had been written", null,
			(status) -> status.levels().verifyErrors());

	private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

	private final String meter;

	private final String description;

	private final @Nullable String unit;

	private final ToDoubleFunction<DatabaseStatus> value;

	UpstreamCounter(String meter, String description, @Nullable String unit, ToDoubleFunction<DatabaseStatus> value) {
		this.meter = meter;
		this.description = description;
		this.unit = unit;
		this.value = value;
	}

	private static double seconds(long nanos) {
		return nanos / NANOS_PER_SECOND;
	}

	/** The meter's name. */
	String meter() {
		return this.meter;
	}

	String description() {
		return this.description;
	}

	@Nullable String unit() {
		return this.unit;
	}

	double value(DatabaseStatus status) {
		return this.value.applyAsDouble(status);
	}

	/**
	 * The tags of the meter. Checkpoints have one more: this engine knows one mode only.
	 */
	Tags tags(Tags tags) {
		return this.meter.startsWith("litestream.checkpoint.") ? tags.and("mode", "PASSIVE") : tags;
	}

}
