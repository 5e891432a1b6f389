package dev.litestream.replication;

import dev.litestream.ReplicationState;

/**
 * How the replication of one database stands. {@link #after} has all transitions.
 * Replicating means that the spool was compared with the replica and that neither sync
 * nor upload fails. {@link ReplicationState#FAILED} stays, whatever is reported, until
 * replication is started again.
 * <p>
 * {@code state} is the state that is shown; {@code reconciled} whether the spool was
 * compared with the replica, before which no file may be sent; {@code syncFailing}
 * whether the last sync failed, which the next good one ends; {@code replicaFailing}
 * whether the replica has failed since it was last right; {@code outOfReach} whether the
 * only failure is that the replica cannot be reached.
 */
record Standing(ReplicationState state, boolean reconciled, boolean syncFailing, boolean replicaFailing,
		boolean outOfReach) {

	/** Nothing has been started. */
	static final Standing INITIAL = new Standing(ReplicationState.STOPPED, false, false, false, false);

	/**
	 * The standing after a task's report. {@code anyReplicated} says whether the replica
	 * has acknowledged a file: before the first one is there, nothing is replicated.
	 */
	Standing after(Report report, boolean anyReplicated) {
		return switch (report) {
			case STARTED -> to(this.reconciled ? ReplicationState.REPLICATING : ReplicationState.WAITING_FOR_DATABASE)
				.outOfReach(false);
			case OPENED -> hasFailed() ? this : to(ReplicationState.STARTING);
			case RECONCILED -> reconciled(!hasFailed());
			case UNRECONCILED -> reconciled(false);
			case REPLICA_WORKS -> replicaFailing(false).outOfReach(false).settled(anyReplicated);
			case SYNC_WORKS -> syncFailing(false).settled(anyReplicated);
			case SYNC_FAILED -> syncFailing(true).ended(ReplicationState.REPLICA_UNAVAILABLE);
			case REPLICA_FAILED -> replicaFailing(true).outOfReach(false).ended(ReplicationState.REPLICA_UNAVAILABLE);
			case OUT_OF_REACH -> !isReplicating() ? this
					: replicaFailing(true).outOfReach(true).ended(ReplicationState.REPLICA_UNAVAILABLE);
			case WITHIN_REACH -> outOfReach(false);
			case REFUSED -> reconciled(false).ended(ReplicationState.FAILED);
			case STOPPED -> to(ReplicationState.STOPPED);
		};
	}

	/** Whether all is well: neither sync nor upload fails. */
	boolean isReplicating() {
		return this.reconciled && !this.syncFailing && this.state == ReplicationState.REPLICATING;
	}

	boolean hasFailed() {
		return this.state == ReplicationState.FAILED;
	}

	/** Whether nothing stands in the way of replicating. */
	boolean isWell() {
		return this.reconciled && !this.syncFailing && !this.replicaFailing && !hasFailed();
	}

	private Standing settled(boolean anyReplicated) {
		return (isWell() && anyReplicated && this.state != ReplicationState.STOPPED) ? to(ReplicationState.REPLICATING)
				: this;
	}

	/**
	 * The reason of a failure has to stay readable, and a stopped replication is not
	 * running.
	 */
	private Standing ended(ReplicationState state) {
		return (hasFailed() || this.state == ReplicationState.STOPPED) ? this : to(state);
	}

	private Standing to(ReplicationState state) {
		return new Standing(state, this.reconciled, this.syncFailing, this.replicaFailing, this.outOfReach);
	}

	private Standing reconciled(boolean reconciled) {
		return new Standing(this.state, reconciled, this.syncFailing, this.replicaFailing, this.outOfReach);
	}

	private Standing syncFailing(boolean syncFailing) {
		return new Standing(this.state, this.reconciled, syncFailing, this.replicaFailing, this.outOfReach);
	}

	private Standing replicaFailing(boolean replicaFailing) {
		return new Standing(this.state, this.reconciled, this.syncFailing, replicaFailing, this.outOfReach);
	}

	private Standing outOfReach(boolean outOfReach) {
		return new Standing(this.state, this.reconciled, this.syncFailing, this.replicaFailing, outOfReach);
	}

	/** What the tasks report. */
	enum Report {

		/** The tasks start; the database is not open, or was not closed. */
		STARTED,

		/** The database is open. */
		OPENED,

		/** The spool was compared with the replica: files may be sent. */
		RECONCILED,

		/** The spool has to be compared with the replica again. */
		UNRECONCILED,

		/** A file was acknowledged, or the replica was found to be right. */
		REPLICA_WORKS,

		/** A sync succeeded. */
		SYNC_WORKS,

		/** The database cannot be synced. */
		SYNC_FAILED,

		/** The replica does not accept files. */
		REPLICA_FAILED,

		/** The replica cannot be reached, while nothing waits for it. */
		OUT_OF_REACH,

		/** The replica can be reached again, and is being checked. */
		WITHIN_REACH,

		/** The replica belongs to another writer or another database. */
		REFUSED,

		/** The tasks have stopped; the standing is kept for the next start. */
		STOPPED

	}

}
