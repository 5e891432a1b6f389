package dev.litestream.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.wal.WalBuffer;
import dev.litestream.wal.WalHeader;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * The WAL that SQLite has open, at its place beside the database. As long as our read
 * lock is there, SQLite neither removes it nor creates another one: if that happens, it
 * was another program, and the file that is read is not the one that the application
 * writes. Called under the sync's monitor unless stated otherwise.
 */
final class LiveWal {

	/** A checkpoint of another program may truncate the WAL behind a few frames. */
	private static final int FORCED_AT_MOST = 10;

	private static final long TORN_AT_MOST = TimeUnit.SECONDS.toNanos(1);

	private final Path database;

	private final Path path;

	/** Distinguishes the WAL that SQLite has open from another file of its name. */
	private final Object key;

	/** Whether it had no header when it was last read. */
	private boolean headerless;

	/** Since when it has lacked a valid header, in nanoseconds, or null. */
	private @Nullable Long headerlessSince;

	/** Frames forced since a header was last seen. */
	private final AtomicInteger forced = new AtomicInteger();

	/**
	 * Finds the WAL of a database, under a read lock. Fails if there is none where SQLite
	 * has it.
	 */
	LiveWal(Path database) throws IOException {
		this.database = database;
		this.path = database.resolveSibling(database.getFileName() + "-wal");
		Object key = keyOf(this.path);
		if (key == null) {
			throw new IOException("SQLite has the database " + database + " open, but its WAL is not at " + this.path
					+ ": let no other program remove it, and restart the application");
		}
		this.key = key;
	}

	private static @Nullable Object keyOf(Path path) {
		try {
			return DatabaseFile.key(path);
		}
		catch (IOException ex) {
			return null;
		}
	}

	Path path() {
		return this.path;
	}

	/** Whether it has lost its name. */
	boolean isGone() {
		return keyOf(this.path) == null;
	}

	/**
	 * Opens it for reading through the buffer, and makes sure that the opened file is the
	 * WAL that SQLite has open. Returns {@code null} if there is no valid header.
	 */
	@Nullable WalReader open(WalBuffer buffer) throws IOException {
		WalReader reader = WalReader.open(this.path, buffer);
		try {
			requirePlace();
			return reader;
		}
		catch (IOException ex) {
			if (reader != null) {
				reader.close();
			}
			throw ex;
		}
	}

	/**
	 * To be called after it was opened, even without success: then the file that was read
	 * is known to be the WAL.
	 */
	private void requirePlace() throws IOException {
		Object key = keyOf(this.path);
		if (key == null) {
			throw new IOException("The WAL " + this.path + " was deleted while the application has the database "
					+ "open. Commits go to a file without a name: they are not replicated, and lost if the process "
					+ "is killed. Stop the application without killing it, which moves them into the database, and "
					+ "start it again; let nothing but SQLite touch the files beside the database");
		}
		if (!key.equals(this.key)) {
			throw new IOException("The WAL " + this.path + " was replaced by another file while the application "
					+ "has the database open: another process writes to the database, and neither knows the "
					+ "other's commits. Stop both, check the database (PRAGMA integrity_check) or restore it, and "
					+ "start the application again; let nothing but SQLite touch the files beside the database");
		}
	}

	/** A valid header was found. */
	void hasHeader() {
		this.headerless = false;
		this.headerlessSince = null;
		this.forced.set(0);
	}

	/**
	 * No valid header was found. SQLite leaves a torn header only for a moment, while it
	 * writes it: throws if there has been none for longer.
	 */
	void lacksHeader() throws IOException {
		this.headerless = true;
		long now = System.nanoTime();
		if (this.path.toFile().length() < WalHeader.SIZE) {
			this.headerlessSince = null;
		}
		else if (this.headerlessSince == null) {
			this.headerlessSince = now;
		}
		else if (now - this.headerlessSince > TORN_AT_MOST) {
			throw new IOException("The WAL " + this.path
					+ " has lost its header: another program truncated or overwrote"
					+ " it, and with it commits that SQLite needs; stop the application and restore the database");
		}
	}

	boolean isHeaderless() {
		return this.headerless;
	}

	/**
	 * A frame will be forced next. Throws if so many were forced that another one would
	 * be in vain too. Not under the monitor.
	 */
	void forcing() throws IOException {
		if (this.forced.incrementAndGet() > FORCED_AT_MOST) {
			this.forced.decrementAndGet();
			throw new IOException("SQLite does not write the WAL of " + this.database + " where it belongs: "
					+ FORCED_AT_MOST + " commits in a row have not come to " + this.path
					+ ". Let the file have one name only, without mounts or links that lead to it alone, and let no"
					+ " other program truncate its WAL; then restart the application");
		}
	}

	/**
	 * Whether it holds frames at least this far behind a position. Only a hint: the
	 * checksum chain is not followed.
	 */
	boolean extendsBehind(WalPosition position, long bytes) throws IOException {
		try (WalBuffer buffer = WalBuffer.take(); WalReader reader = WalReader.open(this.path, buffer)) {
			if (reader == null) {
				return false;
			}
			long from = position.sameGeneration(reader.header()) ? position.offset() : WalHeader.SIZE;
			long frames = bytes / reader.header().frameSize();
			return reader.hasFrameAt(from + frames * reader.header().frameSize());
		}
	}

	/**
	 * Whether it ends at a position, decided as in a sync: it is the same file, the frame
	 * before the position is there, and none follows it (law 3). Not under the monitor.
	 */
	boolean endsAt(WalPosition position) throws IOException {
		try (WalBuffer buffer = WalBuffer.take(); WalReader reader = WalReader.open(this.path, buffer)) {
			return reader != null && this.key.equals(keyOf(this.path)) && position.sameGeneration(reader.header())
					&& reader.holds(position) && !reader.hasFrameAt(position.offset());
		}
	}

}
