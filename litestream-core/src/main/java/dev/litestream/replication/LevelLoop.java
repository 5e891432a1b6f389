package dev.litestream.replication;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import dev.litestream.DatabaseOptions;
import dev.litestream.ReplicationListener;
import dev.litestream.ReplicationState;
import dev.litestream.Txid;
import dev.litestream.compaction.LevelGapException;
import dev.litestream.compaction.Levels;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.threads.SerialTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task that works on the levels of one replica: compactions, snapshots, retention. It
 * runs only while commits are being replicated. It touches neither the database nor
 * anything that sync or upload owns. Thread-safe.
 */
final class LevelLoop {

	private static final Logger logger = LoggerFactory.getLogger(LevelLoop.class);

	private static final long CLOSE_SECONDS = 5;

	private final Levels levels;

	private final Progress progress;

	private final Runnable lookAgain;

	private final SerialTask task;

	private final ErrorLog errors;

	/** Held by a round. */
	private final ReentrantLock round = new ReentrantLock();

	/**
	 * Creates the task; it is not due. {@code progress} says whether commits are being
	 * replicated. {@code lookAgain} makes the upload task compare the replica with the
	 * spool.
	 */
	LevelLoop(DatabaseOptions options, ReplicaClient client, Progress progress, Executor executor, Clock clock,
			Runnable lookAgain) {
		this.progress = progress;
		this.lookAgain = lookAgain;
		this.levels = new Levels(options.name(), options.levels(), client, options.metaPath(), clock, System::nanoTime,
				() -> !isReplicating());
		this.errors = new ErrorLog(logger, options.name());
		// Commits are still replicated.
		this.task = new SerialTask(executor, this::run,
				(failure) -> this.errors.failed("Working on the levels of the replica failed unexpectedly", failure));
		progress.levels = this.levels::status;
	}

	/** Reports compactions and snapshots from now on. */
	void tell(ReplicationListener listener) {
		this.levels.tell(listener);
	}

	/**
	 * Writes a snapshot now, on this thread. Waits until the deadline for a round under
	 * way.
	 */
	LtxFileInfo snapshot(long deadline) throws IOException, InterruptedException {
		if (!this.round.tryLock(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
			throw new InterruptedIOException("a round of compactions did not end in time");
		}
		try {
			return this.levels.snapshot(this.progress::replicated, this.progress::txid);
		}
		catch (LtxConflictException ex) {
			this.lookAgain.run();
			throw ex;
		}
		finally {
			this.round.unlock();
		}
	}

	private boolean isReplicating() {
		return this.progress.state() == ReplicationState.REPLICATING;
	}

	/**
	 * Keeps all snapshots and the files before them, or allows their deletion when they
	 * are old.
	 */
	void holdSnapshots(boolean hold) {
		this.levels.holdSnapshots(hold);
	}

	/** The replica was listed. */
	void listed(List<LtxListing> listings) {
		this.levels.listed(listings);
	}

	/**
	 * The replica was listed again. Throws {@link LtxConflictException} if another writer
	 * has left files; {@code written} is the newest position of our own history.
	 */
	void requireOurs(List<LtxListing> listings, Txid written) throws LtxConflictException {
		this.levels.requireOurs(listings, written);
	}

	/** Somebody else has listed the replica while commits are replicated. */
	void seen(List<LtxListing> listings) {
		try {
			if (isReplicating()) {
				requireOurs(listings, this.progress.txid());
			}
		}
		catch (LtxConflictException ex) {
			this.lookAgain.run();
		}
	}

	/** A snapshot will be sent. */
	void sendingSnapshot(Txid txid) {
		this.levels.sendingSnapshot(txid);
	}

	/** A file was acknowledged. */
	void uploaded(LtxFileInfo file) {
		this.levels.uploaded(file);
	}

	/** Checks whether something is due. */
	void tick() {
		if (isReplicating() && this.levels.isDue()) {
			this.task.signal();
		}
	}

	private void run() {
		this.round.lock();
		try {
			if (isReplicating() && this.levels.isDue()) {
				this.levels.run(this.progress::replicated, this.progress::txid);
				this.errors.recovered();
			}
		}
		catch (LevelGapException ex) {
			this.errors.failed("The levels of the replica are broken", ex);
			this.lookAgain.run();
		}
		catch (LtxConflictException ex) {
			// The upload task decides, from a listing of its own.
			this.errors.failed("The levels of the replica are not those of this database", ex);
			this.lookAgain.run();
		}
		catch (IOException ex) {
			this.errors.failed("Working on the levels of the replica failed", ex);
		}
		finally {
			this.round.unlock();
		}
	}

	/** Waits for a round that has been told to stop. */
	void awaitEnd() {
		try {
			if (this.round.tryLock(CLOSE_SECONDS, TimeUnit.SECONDS)) {
				this.round.unlock();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
