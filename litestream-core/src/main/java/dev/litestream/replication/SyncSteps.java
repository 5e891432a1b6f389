package dev.litestream.replication;

import java.io.IOException;
import java.sql.SQLException;

import dev.litestream.DatabaseOptions;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.Txid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of one database's {@link Sync}, whoever asks for them: every step is counted,
 * its file is stored and on its way to the replica, and a resync is told. Steps are taken
 * under the sync's monitor. Safe for use by several threads.
 */
final class SyncSteps {

	private static final Logger logger = LoggerFactory.getLogger(SyncSteps.class);

	private final DatabaseOptions options;

	private final Spool spool;

	private final CommitSignals signals;

	private final Progress progress;

	private final ObjectRate rate;

	private final UploadLoop uploads;

	private final CheckpointLoop checkpoints;

	private final StateMachine state;

	private final ReplicationListener listener;

	SyncSteps(DatabaseOptions options, Spool spool, CommitSignals signals, Progress progress, ObjectRate rate,
			UploadLoop uploads, CheckpointLoop checkpoints, StateMachine state, ReplicationListener listener) {
		this.options = options;
		this.spool = spool;
		this.signals = signals;
		this.progress = progress;
		this.rate = rate;
		this.uploads = uploads;
		this.checkpoints = checkpoints;
		this.state = state;
		this.listener = listener;
	}

	/**
	 * Takes one step. Called under the sync's monitor.
	 * @param database the database
	 * @param signalled when the commit was signalled, or {@link CommitSignals#NOTHING}
	 * @return what was written, or {@code null} if there is no new commit
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if a read lock cannot be taken
	 */
	Sync.@Nullable Step step(OpenDatabase database, long signalled) throws IOException, SQLException {
		long start = System.nanoTime();
		long since = (signalled != CommitSignals.NOTHING) ? signalled : CommitSignals.now();
		Sync.Step step;
		try {
			// The WAL beside another file is no continuation.
			database.requireSameFile();
			database.checkLocks();
			this.progress.lostLocks(database.lostLocks());
			step = database.sync().step(this.options.maxSyncBytes(), since);
		}
		catch (DatabaseMismatchException ex) {
			// Whoever asked for this step, no other one is taken.
			database.sync().abandon();
			this.state.mismatched(ex);
			throw ex;
		}
		catch (IOException | SQLException | RuntimeException ex) {
			// Its commits still wait.
			this.signals.waits(since);
			throw ex;
		}
		this.progress.syncs.incrementAndGet();
		this.progress.syncNanos.addAndGet(System.nanoTime() - start);
		if (step != null) {
			this.signals.found();
			this.rate.take();
			send(step);
			written(database, step);
			// Not left to the sync task: it rests while callers sync all the time.
			this.checkpoints.wake(database);
		}
		return step;
	}

	/**
	 * A look at the WAL found that there is no new commit, as a step would have.
	 */
	void foundNothing() {
		this.progress.syncs.incrementAndGet();
	}

	private void send(Sync.Step step) throws IOException {
		SpoolFile file = step.file();
		SpoolFile snapshot = step.snapshot();
		if (snapshot != null) {
			try {
				// Neither may be lost without the other once the replica has one.
				this.spool.store(snapshot);
				this.spool.store(file);
				this.spool.force();
			}
			finally {
				this.uploads.add(file, snapshot);
			}
			return;
		}
		// On its way to the replica while it is written to the spool: either makes it
		// durable, and what only one of them has is found at the next start.
		this.uploads.add(file);
		this.spool.store(file);
		this.uploads.stored(file);
	}

	private void written(OpenDatabase database, Sync.Step step) throws IOException {
		Sync sync = database.sync();
		this.progress.walBytes.addAndGet(step.walBytes());
		this.checkpoints.synced(sync.generation());
		this.progress.walSize = sync.walSize();
		this.progress.databaseBytes = sync.databaseSize();
		if (step.resync() != null && step.shipped() != null) {
			this.progress.resynced(step.resync());
			String name = this.options.name();
			logger.atInfo()
				.addKeyValue("database", name)
				.addKeyValue("txid", sync.txid())
				.addKeyValue("reason", step.resync())
				.log("{}: resynced as TXID {} with {} of {} pages ({} bytes) because {}", name, sync.txid(),
						step.shipped().pages(), step.shipped().of(), step.file().size(), step.resync().explanation());
			this.listener.onEvent(new ReplicationEvent.DatabaseResynced(name, step.resync(), sync.txid()));
			database.remember();
		}
	}

	/**
	 * Syncs until nothing is left or a place in the WAL is reached. Called under the
	 * sync's monitor.
	 * @param database the database
	 * @param offset the place, in bytes
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if a read lock cannot be taken
	 */
	void drain(OpenDatabase database, long offset) throws IOException, SQLException {
		Sync.Step step;
		do {
			long signalled = this.signals.takeWaiting();
			step = step(database, signalled);
			if (step == null && signalled != CommitSignals.NOTHING) {
				// Its frames may be about to come: the sync task, which was woken for it
				// and takes signals under the same monitor, looks again.
				this.signals.waits(signalled);
			}
		}
		while (step != null && step.limited() && database.sync().walSize() < offset);
	}

	/**
	 * Syncs everything that is committed now. Not under the sync's monitor.
	 * @param database the database
	 * @return the position up to which it is synced
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if SQLite fails
	 */
	Txid toEndOfWal(OpenDatabase database) throws IOException, SQLException {
		Sync sync = database.sync();
		while (true) {
			synchronized (sync) {
				drain(database, Long.MAX_VALUE);
				if (!sync.needsFrame()) {
					return sync.txid();
				}
			}
			database.forceFrame();
		}
	}

}
