package dev.litestream.test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The POSIX locks that a process holds on a database and its {@code -shm}, read from
 * {@code /proc/locks} without opening either file. Linux only.
 * <p>
 * What SQLite locks: on the database file bytes {@value #SHARED_FIRST} to
 * {@value #SHARED_LAST} for each connection in WAL mode that has read something; on
 * {@code -shm} byte 120 while writing, 121 while checkpointing, 122 while recovering, 123
 * to 127 the read marks, {@value #DEAD_MAN_SWITCH} for as long as the WAL index is
 * mapped.
 */
public final class LockWatch {

	/** First byte of the shared lock on a database file. */
	public static final long SHARED_FIRST = 0x40000002L;

	/** Last byte of the shared lock on a database file. */
	public static final long SHARED_LAST = SHARED_FIRST + 509;

	/** Byte of {@code -shm} that says that somebody uses the WAL index. */
	public static final long DEAD_MAN_SWITCH = 128;

	// 1: POSIX ADVISORY READ 1234 08:01:5678 124 124, or "1: -> POSIX ..." for who waits
	private static final Pattern LINE = Pattern
		.compile("\\d+: POSIX +\\S+ +(READ|WRITE) +(\\d+) +\\S+:\\S+:(\\d+) +(\\d+) +(\\d+|EOF)");

	/**
	 * The kernel gives the list out in pieces, and leaves out a lock if one before it is
	 * released between two of them. What is gone for good is missing every time.
	 */
	private static final int LOOKS = 20;

	private final Path database;

	private final long pid;

	private LockWatch(Path database, long pid) {
		this.database = database;
		this.pid = pid;
	}

	/**
	 * Watches this process.
	 * @param database the database file
	 * @return the watch
	 */
	public static LockWatch of(Path database) {
		return of(database, ProcessHandle.current().pid());
	}

	/**
	 * Watches another process.
	 * @param database the database file
	 * @param pid the process's id
	 * @return the watch
	 */
	public static LockWatch of(Path database, long pid) {
		return new LockWatch(database, pid);
	}

	/**
	 * The locks on the database file.
	 * @return the locks now held, none if the file does not exist
	 * @throws IOException if they cannot be read
	 */
	public List<Lock> database() throws IOException {
		return locks(this.database);
	}

	/**
	 * The locks on {@code -shm}.
	 * @return the locks now held, none if the file does not exist
	 * @throws IOException if they cannot be read
	 */
	public List<Lock> sharedMemory() throws IOException {
		return locks(this.database.resolveSibling(this.database.getFileName() + "-shm"));
	}

	/**
	 * Whether SQLite's locks of an open connection in WAL mode are all there: the shared
	 * lock on the database and the dead man's switch on {@code -shm}. Either is gone for
	 * good once any other descriptor on its file was closed.
	 * @return whether both are held
	 * @throws IOException if they cannot be read
	 */
	public boolean isIntact() throws IOException {
		for (int i = 0; i < LOOKS; i++) {
			if (looksIntact()) {
				return true;
			}
		}
		return false;
	}

	private boolean looksIntact() throws IOException {
		return database().stream().anyMatch((lock) -> lock.covers(SHARED_FIRST) && lock.covers(SHARED_LAST))
				&& sharedMemory().stream().anyMatch((lock) -> lock.covers(DEAD_MAN_SWITCH));
	}

	private List<Lock> locks(Path file) throws IOException {
		if (!Files.exists(file)) {
			return List.of();
		}
		long inode = ((Number) Files.getAttribute(file, "unix:ino")).longValue();
		List<Lock> locks = new ArrayList<>();
		for (String line : Files.readAllLines(Path.of("/proc/locks"), StandardCharsets.US_ASCII)) {
			Matcher matcher = LINE.matcher(line.trim());
			if (matcher.matches() && Long.parseLong(matcher.group(2)) == this.pid
					&& Long.parseLong(matcher.group(3)) == inode) {
				long last = matcher.group(5).equals("EOF") ? Long.MAX_VALUE : Long.parseLong(matcher.group(5));
				locks.add(new Lock(matcher.group(1).equals("WRITE"), Long.parseLong(matcher.group(4)), last));
			}
		}
		return List.copyOf(locks);
	}

	/**
	 * A lock on a range of bytes.
	 *
	 * @param exclusive whether it is a write lock
	 * @param first first byte
	 * @param last last byte
	 */
	public record Lock(boolean exclusive, long first, long last) {

		/**
		 * Whether a byte is locked.
		 * @param position the byte
		 * @return whether it lies in the range
		 */
		public boolean covers(long position) {
			return this.first <= position && position <= this.last;
		}

	}

}
