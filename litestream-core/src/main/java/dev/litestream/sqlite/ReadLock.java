package dev.litestream.sqlite;

import java.sql.SQLException;

/**
 * A read transaction that stays open and keeps others from restarting the WAL before it
 * has been read.
 * <p>
 * SQLite gives a reader one of five slots. In slots 1 to 4 it carries a mark: the WAL
 * cannot be restarted, and backfill stops at the mark. If everything had been backfilled
 * when it began, it gets slot 0: then the WAL can be restarted once, by the next writer,
 * and after that nothing can be backfilled until the lock is let go. Either way no frame
 * that is in the WAL after the lock was taken can vanish while it is held, provided that
 * everything up to the end of the WAL is read before the previous lock is released. That
 * is the rule of the hand-over: take the new lock, sync to the end of the WAL, release
 * the old one.
 */
public final class ReadLock implements AutoCloseable {

	private final LockConnections owner;

	private final Reader reader;

	private boolean held = true;

	ReadLock(LockConnections owner, Reader reader) {
		this.owner = owner;
		this.reader = reader;
	}

	/**
	 * Size of the database as this transaction sees it.
	 * @return pages
	 * @throws SQLException if the connection fails
	 */
	public long pageCount() throws SQLException {
		return this.reader.pageCount();
	}

	/**
	 * Releases the lock. Does nothing if it has been released.
	 */
	@Override
	public void close() {
		if (this.held) {
			this.held = false;
			this.owner.release(this.reader);
		}
	}

}
