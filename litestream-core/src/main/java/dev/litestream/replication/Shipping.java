package dev.litestream.replication;

import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.capture.Outlet;
import dev.litestream.capture.Step;
import dev.litestream.capture.Sync;
import dev.litestream.continuity.DatabaseMismatchException;
import dev.litestream.spool.SpoolFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the files captured from one database: counts them, gives them to the upload,
 * lets checkpoints follow, and reports resyncs. Thread-safe.
 */
final class Shipping implements Outlet {

	private static final Logger logger = LoggerFactory.getLogger(Shipping.class);

	private final String name;

	private final Progress progress;

	private final ObjectRate rate;

	private final UploadLoop uploads;

	private final CheckpointLoop checkpoints;

	private final StateMachine state;

	private final ReplicationListener listener;

	Shipping(String name, Progress progress, ObjectRate rate, UploadLoop uploads, CheckpointLoop checkpoints,
			StateMachine state, ReplicationListener listener) {
		this.name = name;
		this.progress = progress;
		this.rate = rate;
		this.uploads = uploads;
		this.checkpoints = checkpoints;
		this.state = state;
		this.listener = listener;
	}

	/** A look at the WAL found no new commit; a step would not have found one either. */
	void foundNothing() {
		this.progress.syncs.incrementAndGet();
	}

	@Override
	public void looked(long nanos) {
		this.progress.syncs.incrementAndGet();
		this.progress.syncNanos.addAndGet(nanos);
	}

	@Override
	public void add(SpoolFile file) {
		this.rate.take();
		this.uploads.add(file);
	}

	@Override
	public void add(SpoolFile raw, SpoolFile snapshot) {
		this.rate.take();
		this.uploads.add(raw, snapshot);
	}

	@Override
	public void stored(SpoolFile file) {
		this.uploads.stored(file);
	}

	@Override
	public void lostLocks(@Nullable String sentence) {
		this.progress.lostLocks(sentence);
	}

	@Override
	public void refused(DatabaseMismatchException fault) {
		this.state.mismatched(fault);
	}

	@Override
	public void written(OpenDatabase database, Step step) {
		Sync sync = database.sync();
		this.progress.walBytes.addAndGet(step.walBytes());
		this.checkpoints.synced(sync.generation());
		this.progress.walSize = sync.walSize();
		this.progress.databaseBytes = sync.databaseSize();
		if (step.resync() != null && step.shipped() != null) {
			this.progress.resynced(step.resync());
			logger.atInfo()
				.addKeyValue("database", this.name)
				.addKeyValue("txid", sync.txid())
				.addKeyValue("reason", step.resync())
				.log("{}: resynced as TXID {} with {} of {} pages ({} bytes) because {}", this.name, sync.txid(),
						step.shipped().pages(), step.shipped().of(), step.file().size(), step.resync().explanation());
			this.listener.onEvent(new ReplicationEvent.DatabaseResynced(this.name, step.resync(), sync.txid()));
		}
		// Not left to the sync task, which rests while callers sync all the time.
		this.checkpoints.wake(database);
	}

}
