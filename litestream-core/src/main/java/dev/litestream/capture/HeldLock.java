package dev.litestream.capture;

import java.sql.SQLException;

import dev.litestream.sqlite.ReadLock;

/**
 * The read lock that keeps the frames behind the position in the WAL, and its hand-over
 * to the next one without a gap (law 2). Not thread-safe.
 */
final class HeldLock {

	private final Source source;

	private ReadLock lock;

	/** Whether the lock was released and no other one could be taken yet. */
	private boolean missing;

	/** Takes the first lock. */
	HeldLock(Source source) throws SQLException {
		this.source = source;
		this.lock = source.readLock();
	}

	/**
	 * Takes a new read lock beside the one that is held. Everything up to the end of the
	 * WAL has to be synced before {@link Handover#complete()} lets the old one go.
	 */
	Handover handover() throws SQLException {
		return new Handover(this.source.readLock());
	}

	/**
	 * Releases the lock and takes another one: then SQLite asks the system for a lock
	 * that it believes not to have. If none can be taken, the lock is missing until
	 * {@link #require()} has taken it.
	 */
	void renew() throws SQLException {
		this.missing = true;
		this.lock.close();
		this.lock = this.source.readLock();
		this.missing = false;
	}

	/** Takes the lock if it is missing. */
	void require() throws SQLException {
		if (this.missing) {
			renew();
		}
	}

	/** The source of read locks. */
	@FunctionalInterface
	interface Source {

		ReadLock readLock() throws SQLException;

	}

	/** Two read locks held at the same time. */
	final class Handover implements AutoCloseable {

		private final ReadLock next;

		private boolean completed;

		private Handover(ReadLock next) {
			this.next = next;
		}

		/** Size of the database, in pages, as the new lock's transaction sees it. */
		long pageCount() throws SQLException {
			return this.next.pageCount();
		}

		/** Everything is synced: the new lock replaces the old one. */
		void complete() {
			if (!this.completed) {
				this.completed = true;
				HeldLock.this.missing = false;
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
