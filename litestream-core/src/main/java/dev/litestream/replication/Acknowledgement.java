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
 * Waits, on the threads of those who ask, until the replica has acknowledged what is
 * committed. What is not acknowledged in time goes on without anybody waiting.
 * Thread-safe.
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
	 * Syncs everything committed before this call and waits for the replica.
	 * @param timeout the longest time to wait, for disk and replica together
	 * @return whether everything was replicated in time
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
			// A replica that has lost files makes the history go on before the target,
			// and a sync that is given up meanwhile has not looked at anything.
		}
		while ((this.progress.txid().isBefore(target) || !database.sync().isContinuationKnown())
				&& System.nanoTime() - deadline < 0);
		boolean replicated = database.sync().isContinuationKnown() && this.progress.isReplicated(target);
		if (replicated && !target.isZero()) {
			// the upload tells the position first and the state right after
			this.progress.await(() -> this.progress.state() != ReplicationState.STARTING, deadline);
		}
		return replicated;
	}

	/**
	 * Syncs to the end of the WAL.
	 * @return the position, or {@code null} if that was not done in time
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

	/**
	 * Waits for a position.
	 * @return whether it was replicated in time
	 */
	boolean await(Txid txid, Duration timeout) throws InterruptedException {
		return this.progress.await(() -> this.progress.isReplicated(txid), System.nanoTime() + timeout.toNanos());
	}

	/**
	 * Waits until everything that was synced so far is replicated. Before the replica has
	 * been heard of nobody knows what that is.
	 * @return whether it was replicated in time
	 */
	boolean awaitSynced(Duration timeout) throws InterruptedException {
		return this.progress.await(() -> this.state.isReconciled() && this.progress.isReplicated(this.progress.txid()),
				System.nanoTime() + timeout.toNanos());
	}

}
