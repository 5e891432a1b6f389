package dev.litestream.compaction;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.litestream.DatabaseStatus;
import dev.litestream.LevelOptions;
import dev.litestream.LtxFile;
import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.OperationOutcome;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The levels of one replica: compacts, writes snapshots and deletes what is no longer
 * needed, when it is due. It remembers the uploads and asks nothing of the replica as
 * long as nothing is new. Every round that works on files starts from a complete listing.
 * {@link #run} is for one thread at a time; everything else is thread-safe and never
 * waits for it.
 */
public final class Levels {

	private static final Logger logger = LoggerFactory.getLogger(Levels.class);

	private static final Duration FIRST_RETRY = Duration.ofSeconds(5);

	/**
	 * The rest after repeated failures, and when there was nothing to delete after all.
	 */
	private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

	private static final int SNAPSHOT = ReplicaClient.SNAPSHOT_LEVEL;

	private final String name;

	private final LevelOptions options;

	private final ReplicaClient client;

	private final Clock clock;

	private final LongSupplier nanos;

	private final BooleanSupplier stopped;

	private final Compactor compactor;

	private final Snapshotter snapshotter;

	private final LevelMemory memory;

	private final Retention retention;

	private final LevelCounters counters;

	/** By level; {@code null} for levels that are not in use. */
	private final @Nullable LevelSchedule[] schedules = new LevelSchedule[ReplicaClient.LEVELS];

	private volatile ReplicationListener listener = (event) -> {
	};

	/** Whether old snapshots and the files before them stay. */
	private volatile boolean snapshotsHeld;

	private long nextTry;

	private long nextRetention;

	private Duration retry = FIRST_RETRY;

	/**
	 * Prepares for a replica; nothing is due before {@link #listed}.
	 * @param name the database's name, for the log
	 * @param options when each level is due
	 * @param client the replica, opened by others
	 * @param directory where inputs are staged that are too large for memory
	 * @param clock the time of day
	 * @param nanos elapsed time, in nanoseconds
	 * @param stopped ends a round soon once it is true
	 */
	public Levels(String name, LevelOptions options, ReplicaClient client, Path directory, Clock clock,
			LongSupplier nanos, BooleanSupplier stopped) {
		this.name = name;
		this.options = options;
		this.client = client;
		this.clock = clock;
		this.nanos = nanos;
		this.stopped = stopped;
		LevelWriter writer = new LevelWriter(client, directory, stopped);
		this.compactor = new Compactor(writer, client);
		this.snapshotter = new Snapshotter(writer, client.location());
		this.memory = new LevelMemory(options, clock, nanos);
		this.retention = new Retention(client, this.memory::isRawOld, this.memory::isPointOld);
		this.counters = new LevelCounters(options.intervals().size());
		for (int i = 0; i < options.intervals().size(); i++) {
			this.schedules[i + 1] = new LevelSchedule(options.intervals().get(i), clock, nanos);
		}
		this.schedules[SNAPSHOT] = new LevelSchedule(options.snapshotInterval(), clock, nanos);
	}

	/**
	 * Reports compactions and snapshots from now on.
	 * @param listener receives them
	 */
	public void tell(ReplicationListener listener) {
		this.listener = listener;
	}

	/**
	 * Keeps all snapshots and the files before them, however old, or allows their
	 * deletion again.
	 * @param hold whether they stay
	 */
	public synchronized void holdSnapshots(boolean hold) {
		if (this.snapshotsHeld && !hold) {
			this.nextRetention = this.nanos.getAsLong();
		}
		this.snapshotsHeld = hold;
	}

	/**
	 * The events since the start.
	 * @return the counters
	 */
	public DatabaseStatus.Levels status() {
		return this.counters.status();
	}

	/**
	 * The replica was listed, at the start or because it may have changed.
	 * @param listings all levels, complete
	 */
	public synchronized void listed(List<LtxListing> listings) {
		if (!this.memory.listed(listings)) {
			return;
		}
		this.nextTry = this.nanos.getAsLong();
		this.nextRetention = this.nextTry;
		for (int level = 1; level < ReplicaClient.LEVELS; level++) {
			LevelSchedule schedule = this.schedules[level];
			if (schedule != null) {
				schedule.start((level == SNAPSHOT) ? newestWhole(listings) : waitingSince(level, listings));
			}
		}
		if (!this.options.retentionEnabled()) {
			logger.info("{}: retention.enabled is false: no file of {} is ever deleted, it grows without limit. "
					+ "The local spool is cleaned all the same", this.name, this.client.location());
		}
	}

	/** When the level was last written, or since when there is something to write. */
	private Instant waitingSince(int level, List<LtxListing> listings) {
		LtxFileInfo newest = listings.get(level).newest();
		if (newest != null) {
			return newest.createdAt();
		}
		List<LtxFileInfo> below = listings.get(level - 1).files();
		return below.isEmpty() ? this.clock.instant() : below.get(0).createdAt();
	}

	/**
	 * A restore can start from any file that holds the whole database, just as from a
	 * snapshot. An empty replica gets one by its first sync.
	 */
	private Instant newestWhole(List<LtxListing> listings) {
		return listings.stream()
			.flatMap((listing) -> listing.files().stream())
			.filter((file) -> file.minTxid().equals(Txid.FIRST))
			.map(LtxFileInfo::createdAt)
			.max(Instant::compareTo)
			.orElseGet(this.clock::instant);
	}

	/**
	 * The replica has acknowledged a file of the database's own history.
	 * @param file the file
	 */
	public void uploaded(LtxFileInfo file) {
		this.memory.uploaded(file);
	}

	/**
	 * A snapshot of the database's own history will be sent.
	 * @param txid its position
	 */
	public void sendingSnapshot(Txid txid) {
		this.memory.sendingSnapshot(txid);
	}

	/**
	 * Requires that nobody else writes to the replica: that it holds no file beyond an
	 * earlier listing that was not sent from here. Such a file would be merged with the
	 * database's own files, and these would be deleted as if it held them.
	 * @param listings all levels, complete
	 * @param written the newest position of the database's own history, read after the
	 * listing
	 * @throws LtxConflictException if there is a file of another writer
	 */
	public void requireOurs(List<LtxListing> listings, Txid written) throws LtxConflictException {
		LtxFileInfo stranger = this.memory.stranger(listings, written);
		if (stranger != null) {
			throw new LtxConflictException("The replica " + this.client.location() + " holds " + stranger.level() + "/"
					+ stranger.fileName() + ", which this application has not written; its own newest TXID is "
					+ written + ". Another application replicates there now; stop it, or give each its own bucket or "
					+ "litestream.dbs[].replica.path. Move the files that it has written out of the replica, then "
					+ "start this one again");
		}
	}

	/**
	 * Whether there is something to do. Asks nothing of the replica; to be called often.
	 * @return whether {@link #run} would work on files
	 */
	public synchronized boolean isDue() {
		if (!this.memory.isKnown()) {
			return false;
		}
		this.memory.observe();
		boolean due = false;
		for (int level = 1; level < ReplicaClient.LEVELS; level++) {
			due |= isDue(level);
			if (!due) {
				// Nothing will come from below in this round either.
				skip(level);
			}
		}
		return (due || isRetentionDue()) && this.nanos.getAsLong() - this.nextTry >= 0;
	}

	private synchronized boolean isDue(int level) {
		LevelSchedule schedule = this.schedules[level];
		return schedule != null && schedule.isDue() && this.memory.hasNewBelow(level);
	}

	/** A level that has nothing to do waits for its next boundary. */
	private void skip(int level) {
		LevelSchedule schedule = this.schedules[level];
		if (schedule != null && schedule.isDue()) {
			schedule.ran();
		}
	}

	private synchronized boolean isRetentionDue() {
		return this.options.retentionEnabled() && this.nanos.getAsLong() - this.nextRetention >= 0
				&& this.memory.hasOld();
	}

	/**
	 * Does the work that is due. Failures are counted and retried after a pause that
	 * grows.
	 * @param acknowledged the newest position that the replica has acknowledged
	 * @param written the newest position of the database's own history, sent or not
	 * @throws LevelGapException if the replica lacks files that it had acknowledged
	 * @throws LtxConflictException if the replica holds files of another writer
	 * @throws IOException if something failed; everything that does not depend on it was
	 * done
	 */
	public void run(Supplier<Txid> acknowledged, Supplier<Txid> written) throws IOException {
		List<IOException> failures;
		try {
			LevelRound round = new LevelRound(this.client, list(acknowledged, written), this.counters, this.stopped);
			work(round);
			failures = round.failures();
		}
		catch (IOException ex) {
			failures = List.of(ex);
		}
		if (this.stopped.getAsBoolean()) {
			return;
		}
		pause(!failures.isEmpty());
		if (!failures.isEmpty()) {
			// A gap comes first: it is the failure that the caller can act on.
			IOException first = failures.stream()
				.filter(LevelGapException.class::isInstance)
				.findFirst()
				.orElse(failures.get(0));
			failures.stream().filter((other) -> other != first).forEach(first::addSuppressed);
			throw first;
		}
	}

	/**
	 * Writes a snapshot of the newest position, whether or not one is due. Not at the
	 * same time with {@link #run}.
	 * @param acknowledged the newest position that the replica has acknowledged
	 * @param written the newest position of the database's own history, sent or not
	 * @return the snapshot, which the replica may have held before
	 * @throws IOException if it was not written
	 */
	public LtxFileInfo snapshot(Supplier<Txid> acknowledged, Supplier<Txid> written) throws IOException {
		LevelRound round = new LevelRound(this.client, list(acknowledged, written), this.counters, this.stopped);
		write(round, SNAPSHOT);
		if (!round.failures().isEmpty()) {
			throw round.failures().get(0);
		}
		LtxFileInfo newest = round.listings().get(SNAPSHOT).newest();
		if (newest == null || this.stopped.getAsBoolean()) {
			throw new InterruptedIOException("replication ended or was interrupted meanwhile");
		}
		return newest;
	}

	/** Writes a file into a level, if there is something to write. */
	private void write(LevelRound round, int level) {
		OperationEnd end = this.listener.begun(this.name,
				(level == SNAPSHOT) ? Operation.SNAPSHOT : Operation.COMPACTION);
		int before = round.failures().size();
		LtxFileInfo file = null;
		try {
			file = round.write(level, (listings) -> (level == SNAPSHOT) ? this.snapshotter.snapshot(listings)
					: this.compactor.compact(level, listings));
			wrote(round, level, file);
		}
		finally {
			List<IOException> failures = round.failures();
			boolean failed = failures.size() > before;
			end.ended(
					failed ? OperationOutcome.FAILED
							: (file != null) ? OperationOutcome.SUCCEEDED : OperationOutcome.SKIPPED,
					failed ? failures.get(failures.size() - 1) : null);
		}
		if (file != null) {
			LtxFile written = file.toLtxFile();
			this.listener.onEvent((level == SNAPSHOT) ? new ReplicationEvent.SnapshotWritten(this.name, written)
					: new ReplicationEvent.LevelCompacted(this.name, written));
		}
	}

	private List<LtxListing> list(Supplier<Txid> acknowledged, Supplier<Txid> written) throws IOException {
		Txid before = acknowledged.get();
		List<LtxListing> listings = this.client.listAll();
		if (listings.stream().noneMatch((listing) -> !listing.maxTxid().isBefore(before))) {
			throw new LevelGapException("The replica " + this.client.location() + " had acknowledged TXID " + before
					+ " and holds it no more; nothing is compacted or deleted");
		}
		requireOurs(listings, written.get());
		return listings;
	}

	private void work(LevelRound round) {
		for (int level = 1; level < ReplicaClient.LEVELS; level++) {
			if (isDue(level)) {
				write(round, level);
			}
		}
		if (isRetentionDue() && !this.stopped.getAsBoolean()) {
			int deleted = round.delete(0, this.retention::raw);
			this.counters.raw(this.retention);
			if (!this.snapshotsHeld) {
				deleted += round.delete(SNAPSHOT, this.retention::snapshotsAndLevels);
			}
			this.memory.worked(round.listings());
			looked(deleted > 0);
		}
	}

	private synchronized void wrote(LevelRound round, int level, @Nullable LtxFileInfo file) {
		if (file != null && this.options.retentionEnabled()) {
			this.retention.verified(file);
		}
		if (file != null) {
			logger.atDebug()
				.addKeyValue("database", this.name)
				.addKeyValue("ltxLevel", level)
				.addKeyValue("txid", file.maxTxid())
				.log("{}: wrote {}/{} with {} bytes", this.name, level, file.fileName(), file.size());
		}
		this.memory.worked(round.listings());
		LevelSchedule schedule = this.schedules[level];
		if (schedule != null && round.failures().isEmpty() && !this.stopped.getAsBoolean()) {
			schedule.ran();
		}
	}

	private synchronized void looked(boolean deleted) {
		Duration pause = deleted ? this.options.l0RetentionCheckInterval() : LONGEST_RETRY;
		this.nextRetention = this.nanos.getAsLong() + pause.toNanos();
	}

	private synchronized void pause(boolean failed) {
		this.nextTry = this.nanos.getAsLong() + (failed ? this.retry.toNanos() : 0);
		boolean longest = this.retry.compareTo(LONGEST_RETRY.dividedBy(2)) >= 0;
		this.retry = !failed ? FIRST_RETRY : longest ? LONGEST_RETRY : this.retry.multipliedBy(2);
	}

}
