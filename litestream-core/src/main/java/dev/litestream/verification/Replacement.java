package dev.litestream.verification;

import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;

/**
 * Whether the whole database has to be sent again, because the newest state could not be
 * restored. This stays due, across restarts too, until it has reached the replica: a
 * request may be lost with the process, or not be possible. But once is enough: if the
 * newest state still cannot be restored, the database is not sent again before a
 * verification has succeeded.
 *
 * <p>
 * If the newest state can be restored and is sound, but its pages differ from the
 * database, it is not known which of the two has gone bad. Then nothing is sent until
 * somebody has decided. Thread-safe.
 */
final class Replacement {

	private State state = State.NONE;

	/** Whether the replicator has been asked for it since the start. */
	private boolean asked;

	/** The replicator has been started: the fate of its earlier requests is not known. */
	synchronized void started() {
		this.asked = false;
	}

	synchronized State state() {
		return this.state;
	}

	/** Continues where an earlier process ended. */
	synchronized void goOn(State state) {
		this.state = state;
	}

	/**
	 * A verification has ended; {@code bad} says that it found the newest state bad in
	 * the replica.
	 */
	synchronized void verified(VerificationResult result, boolean bad) {
		if (this.state == State.UNDECIDED) {
			return;
		}
		if (result.newest() && result.outcome() == VerificationOutcome.VERIFIED) {
			this.state = State.NONE;
			this.asked = false;
		}
		else if (bad && this.state == State.NONE) {
			this.state = State.OWED;
		}
		else if (bad && this.asked && result.txid() != null) {
			// The replica has acknowledged that TXID, and the database was sent before
			// it.
			this.state = State.SENT;
		}
	}

	/** The newest state can be restored, but differs from the database. */
	synchronized void differs() {
		this.state = State.UNDECIDED;
		this.asked = false;
	}

	/** Whether somebody has to decide. */
	synchronized boolean isUndecided() {
		return this.state == State.UNDECIDED;
	}

	/**
	 * Somebody has decided that the database is right, or else the backup. Returns
	 * whether there was something to decide.
	 */
	synchronized boolean decided(boolean database) {
		boolean undecided = isUndecided();
		if (undecided) {
			this.state = database ? State.OWED : State.NONE;
		}
		return undecided;
	}

	/** Whether the replicator has to be asked for it. */
	synchronized boolean isDue() {
		return this.state == State.OWED && !this.asked;
	}

	/** The replicator will send it, unless it is stopped before. */
	synchronized void asked() {
		this.asked = true;
	}

	/** Its progress. */
	enum State {

		/** Nothing has to be replaced. */
		NONE,

		/** It may not have reached the replica. */
		OWED,

		/** It has reached the replica. */
		SENT,

		/** The database and its backup differ, and nobody has said which is right. */
		UNDECIDED

	}

}
