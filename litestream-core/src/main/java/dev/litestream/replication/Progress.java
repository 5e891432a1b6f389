package dev.litestream.replication;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.VerificationStatus;
import dev.litestream.capture.CommitSignals;
import org.jspecify.annotations.Nullable;

/**
 * The progress of one database's replication: positions, counters, state, the last error.
 * Written by the replicator's tasks, read by anyone. Thread-safe; reading never waits for
 * disk or network.
 */
class Progress {

	private final DatabaseOptions options;

	private final String replica;

	private final Supplier<ReplicaCondition> condition;

	private final BooleanSupplier connected;

	private final Clock clock;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final CommitSignals signals;

	/** When the oldest commit that waits in the spool was signalled. */
	private volatile long spooledSince = CommitSignals.NOTHING;

	private volatile ReplicationState state = ReplicationState.STOPPED;

	private volatile Txid txid = Txid.ZERO;

	private volatile Txid replicated = Txid.ZERO;

	private volatile @Nullable Instant lastSync;

	private volatile @Nullable Failure failure;

	/** What to do about SQLite's locks while they are gone. */
	private volatile @Nullable String lostLocks;

	final AtomicLong syncs = new AtomicLong();

	final AtomicLong syncErrors = new AtomicLong();

	final AtomicLong syncNanos = new AtomicLong();

	final AtomicLong walBytes = new AtomicLong();

	final AtomicLong objects = new AtomicLong();

	final AtomicLong objectBytes = new AtomicLong();

	final AtomicLong uploadErrors = new AtomicLong();

	final AtomicLong checkpoints = new AtomicLong();

	final AtomicLong checkpointErrors = new AtomicLong();

	final AtomicLong checkpointNanos = new AtomicLong();

	final AtomicLong spoolBytes = new AtomicLong();

	/** By reason. Guarded by itself. */
	private final Map<ResyncReason, Long> resyncs = new EnumMap<>(ResyncReason.class);

	private volatile @Nullable ResyncReason lastResync;

	/** The work on the replica's files. */
	volatile Supplier<DatabaseStatus.Levels> levels = () -> DatabaseStatus.Levels.NONE;

	volatile long databaseBytes;

	volatile long walSize;

	Progress(DatabaseOptions options, String replica, Supplier<ReplicaCondition> condition, BooleanSupplier connected,
			Clock clock, CommitSignals signals) {
		this.options = options;
		this.replica = replica;
		this.condition = condition;
		this.connected = connected;
		this.clock = clock;
		this.signals = signals;
	}

	ReplicationState state() {
		return this.state;
	}

	void state(ReplicationState state) {
		this.state = state;
		notifyChanged();
	}

	Txid txid() {
		return this.txid;
	}

	Txid replicated() {
		return this.replicated;
	}

	void positions(Txid txid, Txid replicated) {
		this.txid = txid;
		this.replicated = replicated;
		notifyChanged();
	}

	void spooled(Txid txid) {
		this.txid = txid;
	}

	void spooledSince(long since) {
		this.spooledSince = since;
	}

	/**
	 * The replica has acknowledged a position.
	 */
	void acknowledged(Txid replicated) {
		this.replicated = replicated;
		this.lastSync = this.clock.instant();
		notifyChanged();
	}

	/**
	 * Every commit found so far is replicated. That is true of the present only while the
	 * replica can be reached.
	 */
	void allReplicated() {
		if (this.connected.getAsBoolean()) {
			this.lastSync = this.clock.instant();
		}
	}

	void resynced(ResyncReason reason) {
		synchronized (this.resyncs) {
			this.resyncs.merge(reason, 1L, Long::sum);
		}
		this.lastResync = reason;
	}

	private Map<ResyncReason, Long> resyncs() {
		synchronized (this.resyncs) {
			return Map.copyOf(this.resyncs);
		}
	}

	/**
	 * Whether SQLite's locks on the database are there, and what to do if not.
	 */
	void lostLocks(@Nullable String sentence) {
		this.lostLocks = sentence;
	}

	private ReplicaCondition condition() {
		ReplicaCondition condition = this.condition.get();
		String lostLocks = this.lostLocks;
		return (lostLocks != null)
				? condition.and(List.of(new ReplicaFinding(ReplicaFinding.Severity.ERROR, "locks-lost", lostLocks)))
				: condition;
	}

	void failed(String reason) {
		this.failure = new Failure(reason, this.clock.instant());
		notifyChanged();
	}

	void recovered() {
		this.failure = null;
	}

	private void notifyChanged() {
		this.lock.lock();
		try {
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isReplicated(Txid txid) {
		return !this.replicated.isBefore(txid);
	}

	/** Waits for a condition on this progress, and returns whether it was met in time. */
	boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			while (!condition.getAsBoolean()) {
				long left = deadline - System.nanoTime();
				if (left <= 0) {
					return false;
				}
				// Not every change notifies: check again now and then.
				this.changed.awaitNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
			}
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	Duration lag() {
		long signalled = this.signals.waitingSince();
		long spooled = this.spooledSince;
		long now = System.nanoTime();
		long lag = (signalled != CommitSignals.NOTHING) ? now - signalled : 0;
		lag = (spooled != CommitSignals.NOTHING) ? Math.max(lag, now - spooled) : lag;
		return Duration.ofNanos(Math.max(0, lag));
	}

	DatabaseStatus status() {
		Failure failure = this.failure;
		Map<ResyncReason, Long> resyncs = resyncs();
		DatabaseStatus.Counters counters = new DatabaseStatus.Counters(this.syncs.get(), this.syncErrors.get(),
				this.syncNanos.get(), this.walBytes.get(), this.objects.get(), this.objectBytes.get(),
				this.uploadErrors.get(), this.checkpoints.get(), this.checkpointErrors.get(),
				this.checkpointNanos.get(), resyncs.values().stream().mapToLong(Long::longValue).sum(), this.lastResync,
				this.databaseBytes, this.walSize, this.spoolBytes.get(), resyncs);
		return new DatabaseStatus(this.options.name(), this.options.path(), this.replica, this.state, this.txid,
				this.replicated, lag(), this.lastSync, (failure != null) ? failure.reason() : null,
				(failure != null) ? failure.at() : null, counters, VerificationStatus.NONE, condition(),
				this.levels.get());
	}

	private record Failure(String reason, Instant at) {

	}

}
