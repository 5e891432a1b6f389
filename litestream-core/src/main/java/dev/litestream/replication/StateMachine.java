package dev.litestream.replication;

import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.ReplicationState;
import dev.litestream.replica.ReplicaUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the replication of one database from state to state: what the tasks report
 * becomes the state and last error that others read, the log and the listener's calls.
 * <p>
 * Replicating means that it is known where the history goes on and that neither sync nor
 * upload fails. A database that has {@link ReplicationState#FAILED failed} stays so,
 * whatever the tasks report that are under way, until it is started again. Safe for use
 * by several threads: one report at a time becomes the state. The listener is called
 * outside of that.
 */
final class StateMachine {

	private static final Logger logger = LoggerFactory.getLogger(StateMachine.class);

	private final String name;

	private final Progress progress;

	private final ReplicationListener listener;

	private final ErrorLog errors;

	/** Whether it was told that replication has started. */
	private volatile boolean announced;

	/** Whether it is known where the history goes on. */
	private volatile boolean reconciled;

	/** Whether the last sync failed, so that the next good one ends that. */
	private volatile boolean syncFailing;

	/** Whether the replica failed since it last was as it should be. */
	private volatile boolean replicaFailing;

	/** Whether nothing fails but that the replica cannot be reached. */
	private volatile boolean outOfReach;

	StateMachine(String name, Progress progress, ReplicationListener listener) {
		this.name = name;
		this.progress = progress;
		this.listener = listener;
		this.errors = new ErrorLog(logger, name);
	}

	boolean isReconciled() {
		return this.reconciled;
	}

	/** Whether all is well: neither sync nor upload fails. */
	boolean isReplicating() {
		return this.reconciled && !this.syncFailing && this.progress.state() == ReplicationState.REPLICATING;
	}

	/**
	 * Whether the replica was found to be out of reach while nothing waited for it, and
	 * nothing has been tried since.
	 */
	boolean isOutOfReach() {
		return this.outOfReach && this.reconciled && !this.syncFailing
				&& this.progress.state() == ReplicationState.REPLICA_UNAVAILABLE;
	}

	boolean hasFailed() {
		return this.progress.state() == ReplicationState.FAILED;
	}

	/**
	 * The tasks start.
	 * @param open whether the database is open, from before it was stopped
	 */
	void started(boolean open) {
		boolean first;
		synchronized (this) {
			this.announced = false;
			this.outOfReach = false;
			this.progress.state(this.reconciled ? ReplicationState.REPLICATING
					: open ? ReplicationState.STARTING : ReplicationState.WAITING_FOR_DATABASE);
			first = this.reconciled && isFirst();
		}
		if (first) {
			announce();
		}
	}

	/** The database exists now. */
	synchronized void opened() {
		if (!hasFailed()) {
			this.progress.state(ReplicationState.STARTING);
		}
	}

	/** It is known where the history goes on. */
	synchronized void reconciled() {
		this.reconciled = !hasFailed();
	}

	/** It has to be found out anew where the history goes on. */
	synchronized void unreconciled() {
		this.reconciled = false;
	}

	/** A file was acknowledged, or the replica was found as it should be. */
	void replicating() {
		worksAgain(this::replicaWorks);
	}

	private void replicaWorks() {
		this.replicaFailing = false;
		this.outOfReach = false;
	}

	private void worksAgain(Runnable report) {
		ReplicationState before;
		boolean first;
		synchronized (this) {
			report.run();
			before = this.progress.state();
			if (!this.reconciled || this.syncFailing || this.replicaFailing || before == ReplicationState.FAILED
					|| this.progress.replicated().isZero()) {
				// Before the first file is there, nothing is replicated.
				return;
			}
			this.progress.recovered();
			if (before == ReplicationState.REPLICATING || before == ReplicationState.STOPPED) {
				return;
			}
			this.progress.state(ReplicationState.REPLICATING);
			this.errors.recovered();
			first = isFirst();
		}
		if (first) {
			announce();
		}
		if (before == ReplicationState.REPLICA_UNAVAILABLE) {
			this.listener.onEvent(new ReplicationEvent.ReplicaBack(this.name));
		}
	}

	/** Once after each start. */
	private boolean isFirst() {
		boolean first = !this.announced;
		this.announced = true;
		return first;
	}

	/** Tells that commits are being replicated. */
	private void announce() {
		this.listener.onEvent(new ReplicationEvent.ReplicationStarted(this.name, this.progress.replicated()));
	}

	/** A sync was good. */
	void synced() {
		if (this.syncFailing) {
			worksAgain(() -> this.syncFailing = false);
		}
	}

	/** There is nothing left to sync or to upload. */
	synchronized void caughtUp() {
		if (this.reconciled && this.progress.state() == ReplicationState.REPLICATING) {
			this.progress.allReplicated();
			this.progress.recovered();
		}
	}

	void syncFailed(Exception cause) {
		this.progress.syncErrors.incrementAndGet();
		failed("The database cannot be synced", cause, ReplicationState.REPLICA_UNAVAILABLE,
				() -> this.syncFailing = true);
	}

	/** Nothing is lost, but the checkpoint has to be tried again. */
	void checkpointFailed(Exception cause) {
		this.progress.checkpointErrors.incrementAndGet();
		this.errors.failed("A checkpoint failed", cause);
	}

	void replicaFailed(String location, Exception cause) {
		failed((cause instanceof SpoolException) ? "The local spool cannot be used"
				: "The replica " + location + " does not take files", cause, ReplicationState.REPLICA_UNAVAILABLE,
				() -> replicaFails(false));
	}

	private void replicaFails(boolean outOfReach) {
		this.replicaFailing = true;
		this.outOfReach = outOfReach;
	}

	/**
	 * Nothing waits for the replica, but it cannot be reached: the next commit would
	 * wait. Ends with {@link #replicating()}, once the replica has been looked at.
	 * @param location the replica
	 * @param outage since when and why
	 */
	void outOfReach(String location, ReplicaUnavailableException outage) {
		if (isReplicating()) {
			failed("The replica " + location + " is out of reach", outage, ReplicationState.REPLICA_UNAVAILABLE,
					() -> replicaFails(true));
		}
	}

	/** The replica can be reached again, and is being looked at. */
	void withinReach() {
		this.outOfReach = false;
	}

	/** Ends replication: the replica belongs to another writer. */
	void conflicted(Exception cause) {
		failed("Another writer uses the replica", cause, ReplicationState.FAILED, () -> this.reconciled = false);
	}

	/** Ends replication: the database is not the one that the replica holds. */
	void mismatched(Exception cause) {
		failed("The database does not continue its replica", cause, ReplicationState.FAILED,
				() -> this.reconciled = false);
	}

	/** A task threw what it should have handled. */
	void failedUnexpectedly(Throwable cause) {
		logger.atError()
			.addKeyValue("database", this.name)
			.setCause(cause)
			.log("{}: a replication task failed unexpectedly", this.name);
		failed("Replication failed unexpectedly", cause, ReplicationState.REPLICA_UNAVAILABLE,
				() -> this.syncFailing = true);
	}

	private void failed(String what, Throwable cause, ReplicationState state, Runnable report) {
		String reason = what + ": " + ErrorLog.describe(cause);
		synchronized (this) {
			report.run();
			this.errors.failed(what, cause);
			ReplicationState before = this.progress.state();
			if (before == ReplicationState.FAILED) {
				// Why it has failed is what has to be read.
				return;
			}
			this.progress.failed(reason);
			if (before == state || before == ReplicationState.STOPPED) {
				return;
			}
			this.progress.state(state);
		}
		this.listener.onEvent(new ReplicationEvent.ReplicaLost(this.name, reason));
	}

	/** The tasks have stopped; what is known stays for the next start. */
	synchronized void stopped() {
		this.progress.state(ReplicationState.STOPPED);
	}

	/** The database is closed: where the history goes on is to be found out anew. */
	synchronized void closed() {
		this.reconciled = false;
	}

}
