package dev.litestream.sqlite;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that SQLite's POSIX locks on one database are gone. Any code of this process
 * that opens and closes the database file or its {@code -shm} drops them all, and SQLite
 * does not know (law 10): from then on other processes may restart, truncate or delete
 * the WAL under us.
 * <p>
 * While a read lock is held, this process must hold a lock on the shared range of the
 * database file and on the dead man's switch of {@code -shm}. If that cannot be seen
 * right after the first lock was taken (another operating system, a sandbox), watching is
 * not possible. Used under the sync's monitor, where a read lock is held.
 */
public final class LockWatchdog {

	private static final Logger logger = LoggerFactory.getLogger(LockWatchdog.class);

	/** First byte of the shared lock on a database file. */
	private static final long SHARED_FIRST = 0x40000002L;

	/** Byte of {@code -shm} that says that somebody uses the WAL index. */
	private static final long DEAD_MAN_SWITCH = 128;

	/** Databases whose locks were gone at the last check, by inode. */
	private static final Set<Long> LOST = ConcurrentHashMap.newKeySet();

	private final Path path;

	private long database;

	private long sharedMemory;

	private boolean possible;

	private volatile boolean lost;

	private volatile @Nullable String finding;

	private long lookedAt = System.nanoTime();

	/**
	 * Begins to watch.
	 * @param path the database file
	 */
	public LockWatchdog(Path path) {
		this.path = path;
		try {
			this.database = PosixLocks.inode(path);
			this.sharedMemory = PosixLocks.inode(path.resolveSibling(path.getFileName() + "-shm"));
			boolean intact = isIntact(PosixLocks.now());
			// Closing and opening does not restore them while the application has
			// connections.
			this.possible = intact || LOST.contains(this.database);
			found(!intact && this.possible);
		}
		catch (IOException | RuntimeException ex) {
			logger.debug("{}: locks cannot be checked", path, ex);
		}
		if (!this.possible) {
			logger.debug("{}: this system does not show whether SQLite's locks are in place", path);
		}
	}

	/**
	 * Checks whether the locks are still there, if a check is due.
	 * @return whether they are gone now and were not before
	 */
	public boolean foundLost() {
		long now = System.nanoTime();
		if (!this.possible || now - this.lookedAt < PosixLocks.INTERVAL) {
			return false;
		}
		this.lookedAt = now;
		try {
			// A lock that is missing in an older table may have been taken since.
			boolean intact = isIntact(PosixLocks.recent()) || isIntact(PosixLocks.now());
			boolean found = !intact && !this.lost;
			found(!intact);
			if (found) {
				logger.error("{}", this.finding);
			}
			return found;
		}
		catch (IOException ex) {
			logger.debug("{}: locks cannot be checked", this.path, ex);
			return false;
		}
	}

	private void found(boolean lost) {
		if (lost != this.lost) {
			this.finding = lost ? sentence() : null;
			this.lost = lost;
		}
		if (lost) {
			LOST.add(this.database);
		}
		else {
			LOST.remove(this.database);
		}
	}

	/**
	 * The result of the last check, in a sentence that says what to do.
	 * @return the sentence, or {@code null} while the locks are there
	 */
	public @Nullable String finding() {
		return this.finding;
	}

	/**
	 * Whether the locks seem to be gone and this is not known yet: for an idle database,
	 * for which nobody calls {@link #foundLost()}. Uses the table that all databases
	 * share, and not under the monitor.
	 * @return whether it is worth a closer look
	 */
	public boolean suspectsLost() {
		try {
			return this.possible && !this.lost && !isIntact(PosixLocks.recent());
		}
		catch (IOException ex) {
			return false;
		}
	}

	private boolean isIntact(PosixLocks locks) {
		return locks.covers(this.database, SHARED_FIRST) && locks.covers(this.sharedMemory, DEAD_MAN_SWITCH);
	}

	private String sentence() {
		Set<String> libraries = PosixLocks.libraries();
		String suspect = (libraries.size() > 1)
				? "Two copies of sqlite-jdbc are loaded, which drop each other's locks " + libraries
						+ ": keep one, in a class loader that all share"
				: "Find the code in this application that reads the file (Files.copy, a FileInputStream, a "
						+ "backup, an upload, a checksum), and let it use VACUUM INTO instead";
		return "SQLite's locks on " + this.path + " are gone: code of this process has opened and closed the database"
				+ " file or its -shm. " + suspect + ". Restart the application: until then other processes that open"
				+ " the database may damage it";
	}

}
