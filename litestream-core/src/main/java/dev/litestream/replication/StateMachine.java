package dev.litestream.replication;

import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.ReplicationState;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.replication.Standing.Report;
import dev.litestream.spool.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the replication of one database from state to state. The reports of the tasks
 * change its {@link Standing}, which is owned here. From that follow the state and last
 * error that others read, the log and the listener's events. Thread-safe: reports are
 * applied one at a time; the listener is called outside the monitor.
 */
final class StateMachine {

	private static final Logger logger = LoggerFactory.getLogger(StateMachine.class);

	private final String name;

	private final Progress progress;

	private final ReplicationListener listener;

	private final ErrorLog errors;

	/** Written under this object's monitor. */
	private volatile Standing standing = Standing.INITIAL;

	/** Whether the listener knows that replication has started. Guarded by this. */
	private boolean announced;

	StateMachine(String name, Progress progress, ReplicationListener listener) {
		this.name = name;
		this.progress = progress;
		this.listener = listener;
		this.errors = new ErrorLog(logger, name);
	}

	/**
	 * Whether the spool was compared with the replica, so that files may be sent. Another
	 * fact than {@link dev.litestream.capture.Sync#isContinuationKnown()}, which is that
	 * files may be written: without the replica, the spool may prove that alone.
	 */
	boolean isReconciled() {
		return this.standing.reconciled();
	}

	/** Whether all is well: neither sync nor upload fails. */
	boolean isReplicating() {
		return this.standing.isReplicating();
	}

	/**
	 * Whether the replica was out of reach while nothing waited for it, and nothing has
	 * been tried since.
	 */
	boolean isOutOfReach() {
		Standing standing = this.standing;
		return standing.outOfReach() && standing.reconciled() && !standing.syncFailing()
				&& standing.state() == ReplicationState.REPLICA_UNAVAILABLE;
	}

	boolean hasFailed() {
		return this.standing.hasFailed();
	}

	/**
	 * The tasks start. {@code open} says whether the database is still open, from before
	 * it was stopped.
	 */
	void started(boolean open) {
		boolean first;
		synchronized (this) {
			this.announced = false;
			move(Report.STARTED);
			if (open && !isReconciled()) {
				move(Report.OPENED);
			}
			first = isReconciled() && isFirst();
		}
		if (first) {
			announce();
		}
	}

	void opened() {
		move(Report.OPENED);
	}

	void reconciled() {
		move(Report.RECONCILED);
	}

	void unreconciled() {
		move(Report.UNRECONCILED);
	}

	/** The database is closed: it has to be compared with the replica again. */
	void closed() {
		move(Report.UNRECONCILED);
	}

	void withinReach() {
		move(Report.WITHIN_REACH);
	}

	void stopped() {
		move(Report.STOPPED);
	}

	/** A file was acknowledged, or the replica was found to be right. */
	void replicating() {
		works(Report.REPLICA_WORKS);
	}

	/** A sync succeeded. */
	void synced() {
		if (this.standing.syncFailing()) {
			works(Report.SYNC_WORKS);
		}
	}

	private void works(Report report) {
		Standing before;
		boolean begins;
		boolean first;
		synchronized (this) {
			before = move(report);
			begins = this.standing.state() == ReplicationState.REPLICATING && before.state() != this.standing.state();
			if (this.standing.isWell() && !this.progress.replicated().isZero()) {
				this.progress.recovered();
			}
			if (begins) {
				this.errors.recovered();
			}
			first = begins && isFirst();
		}
		if (first) {
			announce();
		}
		if (begins && before.state() == ReplicationState.REPLICA_UNAVAILABLE) {
			this.listener.onEvent(new ReplicationEvent.ReplicaBack(this.name));
		}
	}

	/** Returns the standing before. */
	private synchronized Standing move(Report report) {
		Standing before = this.standing;
		this.standing = before.after(report, !this.progress.replicated().isZero());
		if (this.standing.state() != before.state()) {
			this.progress.state(this.standing.state());
		}
		return before;
	}

	/** Once after each start. */
	private boolean isFirst() {
		boolean first = !this.announced;
		this.announced = true;
		return first;
	}

	/** Reports that commits are being replicated. */
	private void announce() {
		this.listener.onEvent(new ReplicationEvent.ReplicationStarted(this.name, this.progress.replicated()));
	}

	/** There is nothing left to sync or to upload. */
	synchronized void caughtUp() {
		if (this.standing.reconciled() && this.standing.state() == ReplicationState.REPLICATING) {
			this.progress.allReplicated();
			this.progress.recovered();
		}
	}

	/** Nothing is lost, but the checkpoint has to be tried again. */
	void checkpointFailed(Exception cause) {
		this.progress.checkpointErrors.incrementAndGet();
		this.errors.failed("A checkpoint failed", cause);
	}

	void syncFailed(Exception cause) {
		this.progress.syncErrors.incrementAndGet();
		failed(Report.SYNC_FAILED, "The database cannot be synced", cause);
	}

	void replicaFailed(String location, Exception cause) {
		failed(Report.REPLICA_FAILED, (cause instanceof SpoolException) ? "The local spool cannot be used"
				: "The replica " + location + " does not take files", cause);
	}

	/**
	 * Nothing waits for the replica, but it cannot be reached: the next commit would
	 * wait. The outage says since when and why. This ends with {@link #replicating()},
	 * once the replica has been checked.
	 */
	void outOfReach(String location, ReplicaUnavailableException outage) {
		if (isReplicating()) {
			failed(Report.OUT_OF_REACH, "The replica " + location + " is out of reach", outage);
		}
	}

	/** Ends replication: the replica belongs to another writer. */
	void conflicted(Exception cause) {
		failed(Report.REFUSED, "Another writer uses the replica", cause);
	}

	/** Ends replication: the database does not continue the replica's history. */
	void mismatched(Exception cause) {
		failed(Report.REFUSED, "The database does not continue its replica", cause);
	}

	/** A task threw an exception that it should have handled. */
	void failedUnexpectedly(Throwable cause) {
		logger.atError()
			.addKeyValue("database", this.name)
			.setCause(cause)
			.log("{}: a replication task failed unexpectedly", this.name);
		failed(Report.SYNC_FAILED, "Replication failed unexpectedly", cause);
	}

	private void failed(Report report, String what, Throwable cause) {
		String reason = what + ": " + ErrorLog.describe(cause);
		synchronized (this) {
			this.errors.failed(what, cause);
			if (!hasFailed()) {
				// Otherwise the reason of the failure has to stay readable: whoever sees
				// the state finds the reason.
				this.progress.failed(reason);
			}
			if (move(report).state() == this.standing.state()) {
				return;
			}
		}
		this.listener.onEvent(new ReplicationEvent.ReplicaLost(this.name, reason));
	}

}
