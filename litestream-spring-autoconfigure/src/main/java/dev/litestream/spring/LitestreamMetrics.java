package dev.litestream.spring;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;

import dev.litestream.DatabaseStatus;
import dev.litestream.DatabaseStatus.Counters;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.BaseUnits;
import org.jspecify.annotations.Nullable;

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
 * <li>{@code litestream.replication.lag.txids}: positions that the replica has not
 * acknowledged</li>
 * <li>{@code litestream.sync.age}: how long ago a sync last ended with everything
 * replicated, not a number if never</li>
 * <li>{@code litestream.disk.full}: 1 while the last failure is that a disk is full, else
 * 0</li>
 * <li>{@code litestream.spool.size}: bytes kept locally that the replica has not
 * acknowledged</li>
 * <li>{@code litestream.sync.count}, {@code litestream.sync.error.count},
 * {@code litestream.sync.seconds}: syncs, those that failed, and the time spent in
 * them</li>
 * <li>{@code litestream.checkpoint.count}, {@code litestream.checkpoint.error.count},
 * {@code litestream.checkpoint.seconds}, with the tag {@code mode}: checkpoints, those
 * that failed, and the time spent in them</li>
 * <li>{@code litestream.resync.count}, with the tag {@code reason}: syncs that could not
 * continue from the last position</li>
 * <li>{@code litestream.verification.count}, with the tag {@code outcome} set to
 * {@code verified}, {@code failed} or {@code skipped}, and
 * {@code litestream.verification.seconds}: verifications of the backup, and the time
 * spent in them</li>
 * <li>{@code litestream.verification.txid}, {@code litestream.verification.age}: the last
 * position that was proved to restore, 0 if none, and how long ago that was, not a number
 * if never</li>
 * <li>{@code litestream.verification.failing}: 1 if the last verification that came to a
 * result found the backup bad, else 0</li>
 * <li>{@code litestream.compaction.count}, {@code litestream.compaction.bytes},
 * {@code litestream.compaction.error.count}, with the tag {@code level}: files written
 * into a level, 9 for snapshots, their bytes, and compactions, snapshots or deletes that
 * failed</li>
 * <li>{@code litestream.compaction.verify.error.count}: such files that were read back
 * and were not what had been written</li>
 * <li>{@code litestream.retention.delete.count}, with the tag {@code level}: files
 * deleted from a level</li>
 * <li>{@code litestream.l0.retention.files.total}, with the tag {@code status}: what the
 * last look at level 0 found {@code eligible} and deleted, {@code not_compacted} and
 * {@code too_recent}</li>
 * </ul>
 */
public class LitestreamMetrics implements MeterBinder {

	private static final Pattern DISK_FULL = Pattern
		.compile("No space left|Disk quota exceeded|SQLITE_FULL|disk is full", Pattern.CASE_INSENSITIVE);

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
		new DatabaseMeters(registry, (database, meters) -> new Binding(registry, database, meters).bind())
			.bindAll(this.litestream);
	}

	/** Registers the meters of one database. */
	private static final class Binding {

		private final MeterRegistry registry;

		private final ReplicatedDatabase database;

		private final Consumer<Meter> meters;

		Binding(MeterRegistry registry, ReplicatedDatabase database, Consumer<Meter> meters) {
			this.registry = registry;
			this.database = database;
			this.meters = meters;
		}

		private void add(Meter meter) {
			this.meters.accept(meter);
		}

		void bind() {
			size("litestream.db.size", "Size of the database", Counters::databaseBytes);
			size("litestream.wal.size", "Logical size of the WAL", Counters::walSize);
			size("litestream.spool.size", "LTX files kept locally that the replica has not acknowledged",
					Counters::spoolBytes);
			gauge("litestream.txid", "Newest local position", (status) -> position(status.txid()));
			gauge("litestream.replicated.txid", "Newest position that the replica has acknowledged",
					(status) -> position(status.replicatedTxid()));
			add(TimeGauge
				.builder("litestream.replication.lag", this.database, TimeUnit.NANOSECONDS,
						(source) -> source.status().lag().toNanos())
				.description("How long the oldest commit that is not replicated has been waiting")
				.tags(tags())
				.strongReference(true)
				.register(this.registry));
			gauge("litestream.replication.lag.txids", "Positions that the replica has not acknowledged",
					(status) -> Math.max(0, position(status.txid()) - position(status.replicatedTxid())));
			add(TimeGauge
				.builder("litestream.sync.age", this.database, TimeUnit.MILLISECONDS,
						(source) -> age(source.status().lastSync()))
				.description("How long ago a sync last ended with everything replicated")
				.tags(tags())
				.strongReference(true)
				.register(this.registry));
			gauge("litestream.disk.full", "Whether the last failure is that a disk is full",
					(status) -> isDiskFull(status.lastError()) ? 1 : 0);
			for (UpstreamCounter counter : UpstreamCounter.values()) {
				add(FunctionCounter.builder(counter.meter(), this.database, (source) -> counter.value(source.status()))
					.description(counter.description())
					.baseUnit(counter.unit())
					.tags(counter.tags(tags()))
					.register(this.registry));
			}
			bindLevels();
			for (ResyncReason reason : ResyncReason.values()) {
				count("litestream.resync.count", "Syncs that could not continue from the last position",
						tags().and("reason", reason.name().toLowerCase(Locale.ROOT)),
						(counters) -> counters.resyncs(reason));
			}
			bindVerification();
		}

		private static double age(@Nullable Instant instant) {
			return (instant != null) ? Math.max(0, Duration.between(instant, Instant.now()).toMillis()) : Double.NaN;
		}

		private static boolean isDiskFull(@Nullable String error) {
			return error != null && DISK_FULL.matcher(error).find();
		}

		private void bindVerification() {
			verifications("verified", VerificationStatus::verified);
			verifications("failed", VerificationStatus::failed);
			verifications("skipped", VerificationStatus::skipped);
			add(FunctionCounter
				.builder("litestream.verification.seconds", this.database,
						(source) -> source.status().verification().took().toNanos() / NANOS_PER_SECOND)
				.description("Time spent in verifications of the backup")
				.baseUnit("seconds")
				.tags(tags())
				.register(this.registry));
			gauge("litestream.verification.txid", "Last position that was proved to restore",
					(status) -> provedTxid(status.verification()));
			gauge("litestream.verification.failing", "Whether the backup was found bad",
					(status) -> (status.verification().failure() != null) ? 1 : 0);
			add(TimeGauge
				.builder("litestream.verification.age", this.database, TimeUnit.SECONDS,
						(source) -> provedAge(source.status().verification()))
				.description("How long ago the backup was last proved to restore")
				.tags(tags())
				.strongReference(true)
				.register(this.registry));
		}

		private void verifications(String outcome, ToDoubleFunction<VerificationStatus> value) {
			add(FunctionCounter
				.builder("litestream.verification.count", this.database,
						(source) -> value.applyAsDouble(source.status().verification()))
				.description("Verifications of the backup")
				.tags(tags().and("outcome", outcome))
				.register(this.registry));
		}

		private static double provedTxid(VerificationStatus verification) {
			VerificationResult proved = verification.lastVerified();
			return (proved != null && proved.txid() != null) ? position(proved.txid()) : Double.NaN;
		}

		private static double position(Txid txid) {
			return txid.isZero() ? Double.NaN : txid.value();
		}

		private static double provedAge(VerificationStatus verification) {
			VerificationResult proved = verification.lastVerified();
			return (proved != null) ? Math.max(0, Duration.between(proved.at(), Instant.now()).toSeconds())
					: Double.NaN;
		}

		private void bindLevels() {
			List<DatabaseStatus.Level> levels = this.database.status().levels().levels();
			for (int i = 0; i < levels.size(); i++) {
				int index = i;
				Tags level = tags().and("level", Integer.toString(levels.get(i).level()));
				if (levels.get(i).level() > 0) {
					levelCount("litestream.compaction.count", "Files written into a level", level, index,
							DatabaseStatus.Level::files);
					levelCount("litestream.compaction.bytes", "Bytes of files written into a level", level, index,
							DatabaseStatus.Level::bytes);
				}
				levelCount("litestream.compaction.error.count", "Compactions, snapshots and deletes that failed", level,
						index, DatabaseStatus.Level::errors);
				levelCount("litestream.retention.delete.count", "Files deleted from a level", level, index,
						DatabaseStatus.Level::deletes);
			}
			rawFiles("eligible", DatabaseStatus.Levels::rawEligible);
			rawFiles("not_compacted", DatabaseStatus.Levels::rawNotCompacted);
			rawFiles("too_recent", DatabaseStatus.Levels::rawTooRecent);
		}

		private void levelCount(String name, String description, Tags tags, int index,
				ToDoubleFunction<DatabaseStatus.Level> value) {
			add(FunctionCounter
				.builder(name, this.database,
						(source) -> value.applyAsDouble(source.status().levels().levels().get(index)))
				.description(description)
				.baseUnit(name.endsWith(".bytes") ? BaseUnits.BYTES : null)
				.tags(tags)
				.register(this.registry));
		}

		private void rawFiles(String status, ToDoubleFunction<DatabaseStatus.Levels> value) {
			add(Gauge
				.builder("litestream.l0.retention.files.total", this.database,
						(source) -> value.applyAsDouble(source.status().levels()))
				.description("Files of level 0 by what the last look at their age found")
				.tags(tags().and("status", status))
				.strongReference(true)
				.register(this.registry));
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
