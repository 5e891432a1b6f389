package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.litestream.LitestreamException;
import dev.litestream.ReplicationState;
import dev.litestream.Txid;
import dev.litestream.capture.OpenDatabase;
import org.jspecify.annotations.Nullable;

/**
 * Waits, on the caller's thread, until the replica has acknowledged all commits. After a
 * timeout the upload goes on without the caller. Thread-safe.
 */
final class Acknowledgement {

	private final Path path;

	private final Claim claim;

	private final EndOfWal endOfWal;

	private final SyncLoop syncs;

	private final UploadLoop uploads;

	private final Shipping shipping;

	private final StateMachine state;

	private final Progress progress;

	Acknowledgement(Path path, Claim claim, EndOfWal endOfWal, SyncLoop syncs, UploadLoop uploads, Shipping shipping,
			StateMachine state, Progress progress) {
		this.path = path;
		this.claim = claim;
		this.endOfWal = endOfWal;
		this.syncs = syncs;
		this.uploads = uploads;
		this.shipping = shipping;
		this.state = state;
		this.progress = progress;
	}

	/**
	 * Begins to sync everything committed before this call, and does not wait.
	 */
	void ask() {
		this.endOfWal.ask();
	}

	/**
	 * Syncs everything committed before this call and waits for the replica. Returns
	 * whether everything was replicated in time; the timeout covers disk and replica
	 * together.
	 */
	boolean awaitCommitted(Duration timeout) throws InterruptedException {
		long deadline = System.nanoTime() + timeout.toNanos();
		this.syncs.retryNow();
		this.uploads.retryNow();
		OpenDatabase database;
		@Nullable Txid target;
		do {
			if (!this.progress.await(() -> this.state.isReconciled() || this.state.hasFailed(), deadline)
					|| this.state.hasFailed()) {
				return false;
			}
			database = this.claim.database();
			if (database == null) {
				return false;
			}
			target = syncToEndOfWal(database, deadline);
			if (target == null) {
				return false;
			}
			this.syncs.worksAgain();
			awaitReplicatedOrRewound(database, target, deadline);
			// After a replica has lost files, the history may go on before the target,
			// and a sync that is given up meanwhile has not read anything.
		}
		while ((this.progress.txid().isBefore(target) || !database.sync().isContinuationKnown())
				&& System.nanoTime() - deadline < 0);
		boolean replicated = database.sync().isContinuationKnown() && this.progress.isReplicated(target);
		if (replicated && !target.isZero()) {
			// the upload reports the position first and the state right after
			this.progress.await(() -> this.progress.state() != ReplicationState.STARTING, deadline);
		}
		return replicated;
	}

	/**
	 * Syncs to the end of the WAL. Returns the position, or {@code null} if that was not
	 * done in time.
	 */
	private @Nullable Txid syncToEndOfWal(OpenDatabase database, long deadline) throws InterruptedException {
		Throwable failure;
		try {
			if (database.isAtEndOfWal()) {
				this.shipping.foundNothing();
				return database.sync().txid();
			}
			return this.endOfWal.ask().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			return null;
		}
		catch (ExecutionException ex) {
			failure = ex.getCause();
		}
		catch (IOException ex) {
			failure = ex;
		}
		if (failure instanceof RuntimeException unchecked) {
			throw unchecked;
		}
		if (failure instanceof Error error) {
			throw error;
		}
		throw new LitestreamException("The database " + this.path + " cannot be synced: " + ErrorLog.describe(failure),
				failure);
	}

	private void awaitReplicatedOrRewound(OpenDatabase database, Txid target, long deadline)
			throws InterruptedException {
		this.progress.await(() -> this.progress.isReplicated(target) || !database.sync().isContinuationKnown()
				|| this.progress.txid().isBefore(target), deadline);
	}

	/** Waits for a position, and returns whether it was replicated in time. */
	boolean await(Txid txid, Duration timeout) throws InterruptedException {
		return this.progress.await(() -> this.progress.isReplicated(txid), System.nanoTime() + timeout.toNanos());
	}

	/**
	 * Waits until everything that was synced so far is replicated, and returns whether it
	 * was in time. Before the replica has been reached, it is not known what is missing
	 * there.
	 */
	boolean awaitSynced(Duration timeout) throws InterruptedException {
		return this.progress.await(() -> this.state.isReconciled() && this.progress.isReplicated(this.progress.txid()),
				System.nanoTime() + timeout.toNanos());
	}

}
