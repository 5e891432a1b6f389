package dev.litestream.replication;

import java.sql.SQLException;

import dev.litestream.sqlite.LockConnections;
import dev.litestream.sqlite.ReadLock;

/**
 * The read lock that keeps the frames behind the position in the WAL, and its hand-over
 * to the next one (law 2): at no time is there none. Not safe for several threads.
 */
final class HeldLock {

	private final LockConnections connections;

	private ReadLock lock;

	/**
	 * Takes the first lock.
	 * @param connections to the database
	 * @throws SQLException if it cannot be taken
	 */
	HeldLock(LockConnections connections) throws SQLException {
		this.connections = connections;
		this.lock = connections.readLock();
	}

	/**
	 * Takes a new read lock beside the one that is held. Everything up to the end of the
	 * WAL has to be synced before {@link Handover#complete()} lets the old one go.
	 * @return both locks
	 * @throws SQLException if the new one cannot be taken
	 */
	Handover handover() throws SQLException {
		return new Handover(this.connections.readLock());
	}

	/**
	 * Lets the lock go and takes another one: SQLite asks the system for a lock that it
	 * does not believe to have.
	 * @throws SQLException if it cannot be taken
	 */
	void renew() throws SQLException {
		this.lock.close();
		this.lock = this.connections.readLock();
	}

	/** Two read locks held at once. */
	final class Handover implements AutoCloseable {

		private final ReadLock next;

		private boolean completed;

		private Handover(ReadLock next) {
			this.next = next;
		}

		/**
		 * Size of the database as the new lock's transaction sees it.
		 * @return pages
		 * @throws SQLException if the connection fails
		 */
		long pageCount() throws SQLException {
			return this.next.pageCount();
		}

		/** Everything is synced: the new lock replaces the old one. */
		void complete() {
			if (!this.completed) {
				this.completed = true;
				ReadLock old = HeldLock.this.lock;
				HeldLock.this.lock = this.next;
				old.close();
			}
		}

		/** Gives the new lock up if it did not replace the old one. */
		@Override
		public void close() {
			if (!this.completed) {
				this.next.close();
			}
		}

	}

}
