package dev.litestream.verification;

import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;

/**
 * Whether the whole database is to be sent once more, because the newest state did not
 * restore. It is owed from then on, over restarts too, until it has reached the replica:
 * what was asked for may be lost with the process, or not have been possible. But once is
 * enough: if the newest state does not restore even so, the next one is not sent before a
 * verification has succeeded.
 *
 * <p>
 * Where the newest state restores and is sound, but has other pages than the database,
 * nothing says which of the two has gone bad. Nothing is sent then until somebody has
 * decided. Thread-safe.
 */
final class Replacement {

	private State state = State.NONE;

	/** Whether the replicator has been asked for it since the start. */
	private boolean asked;

	/** The replicator has been started: it is not known what became of what it had. */
	synchronized void started() {
		this.asked = false;
	}

	synchronized State state() {
		return this.state;
	}

	/** Goes on where an earlier process ended. */
	synchronized void goOn(State state) {
		this.state = state;
	}

	/**
	 * A verification has ended.
	 * @param result what it found
	 * @param bad whether it found the newest state bad in the replica
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
			// The replica had acknowledged that TXID, and the database was on its way
			// before it.
			this.state = State.SENT;
		}
	}

	/** The newest state restores, but is not the database's. */
	synchronized void differs() {
		this.state = State.UNDECIDED;
		this.asked = false;
	}

	/** Whether somebody has to decide. */
	synchronized boolean isUndecided() {
		return this.state == State.UNDECIDED;
	}

	/**
	 * Somebody has decided.
	 * @param database whether the database is right, and not the backup
	 * @return whether there was something to decide
	 */
	synchronized boolean decided(boolean database) {
		boolean undecided = isUndecided();
		if (undecided) {
			this.state = database ? State.OWED : State.NONE;
		}
		return undecided;
	}

	/** Whether the replicator is to be asked for it. */
	synchronized boolean isDue() {
		return this.state == State.OWED && !this.asked;
	}

	/** The replicator will send it, unless it is stopped before. */
	synchronized void asked() {
		this.asked = true;
	}

	/** What has become of it. */
	enum State {

		/** Nothing is to be replaced. */
		NONE,

		/** It may not have reached the replica. */
		OWED,

		/** It has reached the replica. */
		SENT,

		/** The database and its backup differ, and nobody has said which is right. */
		UNDECIDED

	}

}
