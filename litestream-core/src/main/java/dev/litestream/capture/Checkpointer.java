package dev.litestream.capture;

import java.io.IOException;
import java.sql.SQLException;

import dev.litestream.spool.Spool;
import dev.litestream.sqlite.LockConnections;

/**
 * Moves frames from the WAL into the database file and lets the WAL restart. It always
 * holds a read lock, and never keeps writers out for longer than a few frames take (law
 * 2). At every hand-over: take the new lock, sync to the end of the WAL, release the old
 * one.
 * <ol>
 * <li>Hand over. The new lock's mark lies at the present end of the WAL.</li>
 * <li>PASSIVE checkpoint: the bulk, while writers go on.</li>
 * <li>Repeat until the tail that writers appended meanwhile is short, or the WAL is long:
 * then writers that are too fast have to wait.</li>
 * <li>Force files to disk that the replica has not acknowledged (law 1).</li>
 * <li>Take the write lock: no commit from here to step 9.</li>
 * <li>Hand over: the last few frames are synced, the mark is the end of the WAL.</li>
 * <li>Force these to disk too.</li>
 * <li>PASSIVE checkpoint: everything is in the database file now.</li>
 * <li>Hand over: the new lock is in slot 0. Release the write lock. The next writer
 * restarts the WAL.</li>
 * </ol>
 * RESTART, FULL and TRUNCATE are never used: they keep writers out for as long as a
 * reader reads.
 */
public final class Checkpointer {

	/** The longest tail that may be left for the write lock, in bytes. */
	private static final long SHORT_TAIL = 2L << 20;

	/** The most bulk rounds before the write lock is taken, whatever the tail. */
	private static final int ROUNDS = 4;

	/** From this size of the WAL on, writers wait for the tail, however long. */
	private static final long LONG_WAL = 64L << 20;

	private final Sync sync;

	private final Spool spool;

	private final LockConnections connections;

	private final Drain drain;

	private final Passive passive;

	private volatile boolean handingOver;

	Checkpointer(Sync sync, Spool spool, LockConnections connections, Drain drain) {
		this(sync, spool, connections, drain, connections::checkpointPassive);
	}

	Checkpointer(Sync sync, Spool spool, LockConnections connections, Drain drain, Passive passive) {
		this.sync = sync;
		this.spool = spool;
		this.connections = connections;
		this.drain = drain;
		this.passive = passive;
	}

	/** Checkpoints. Fails if the spool, the WAL or SQLite fails. */
	void run() throws IOException, SQLException {
		int round = 0;
		do {
			handOver(); // step 1
			this.passive.run(); // step 2
		}
		while (++round < ROUNDS && isWorthARound()); // step 3
		this.spool.force(); // step 4
		this.connections.<IOException>underWriteLock(() -> { // step 5
			handOver(); // step 6
			this.spool.force(); // step 7
			if (this.passive.run()) { // step 8
				handOver(); // step 9
			}
		});
	}

	private boolean isWorthARound() throws IOException {
		return this.sync.extendsBy(SHORT_TAIL) && walSize() < LONG_WAL;
	}

	private void handOver() throws IOException, SQLException {
		this.handingOver = true;
		try {
			synchronized (this.sync) {
				try (HeldLock.Handover handover = this.sync.handover()) {
					// Frames appended from now on lie behind the new lock's mark.
					this.drain.upTo(this.sync.wal().toFile().length());
					handover.complete();
				}
			}
		}
		finally {
			this.handingOver = false;
		}
	}

	/** Whether it waits for the sync's monitor, or syncs under it. */
	boolean isHandingOver() {
		return this.handingOver;
	}

	private long walSize() {
		synchronized (this.sync) {
			return this.sync.walSize();
		}
	}

	/** SQLite's own checkpoint. */
	@FunctionalInterface
	interface Passive {

		/**
		 * Moves frames without waiting for anybody, and returns whether all are in the
		 * database file now.
		 */
		boolean run() throws SQLException;

	}

	/** Syncs; called under the sync's monitor. */
	@FunctionalInterface
	interface Drain {

		/**
		 * Syncs until nothing is left or a place in the WAL is reached, an offset in
		 * bytes.
		 */
		void upTo(long offset) throws IOException, SQLException;

	}

}
