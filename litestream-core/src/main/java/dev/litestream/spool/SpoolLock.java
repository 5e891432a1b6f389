package dev.litestream.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.litestream.DatabaseInUseException;
import dev.litestream.replica.FileAccess;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second replicator off the same database and off the same spool: holds locks on
 * its own files, never on the database file, while replication runs. Two replicators
 * would take each other's checkpoints for foreign ones. Wherever its spool is, each
 * replicator of a database also locks the default directory of the spool, beside the
 * database.
 */
public final class SpoolLock implements AutoCloseable {

	/**
	 * The files locked by this process. They are never opened again: closing a second
	 * descriptor would drop the lock of the first one.
	 */
	private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

	private final Path path;

	private final FileChannel channel;

	/** The lock beside the database, if the spool lies elsewhere. */
	private final @Nullable SpoolLock beside;

	private SpoolLock(Path path, FileChannel channel, @Nullable SpoolLock beside) {
		this.path = path;
		this.channel = channel;
		this.beside = beside;
	}

	/**
	 * Takes the locks.
	 * @param database the database file, which need not exist
	 * @param metaPath the directory of the spool, created if needed
	 * @return the lock
	 * @throws IOException if the file cannot be used
	 * @throws DatabaseInUseException if another replicator holds it
	 */
	public static SpoolLock take(Path database, Path metaPath) throws IOException {
		Path usual = directory(SpoolAccess.besideDatabase(database));
		Path spool = directory(metaPath);
		SpoolLock beside = take(usual, (SpoolLock) null);
		if (spool.equals(usual)) {
			return beside;
		}
		try {
			return take(spool, beside);
		}
		catch (IOException | RuntimeException ex) {
			beside.close();
			throw ex;
		}
	}

	/** A directory without links, created if needed. */
	private static Path directory(Path path) throws IOException {
		FileAccess.createPrivate(path);
		return path.toRealPath();
	}

	private static SpoolLock take(Path directory, @Nullable SpoolLock beside) throws IOException {
		Path path = directory.resolve(SpoolAccess.MODEL);
		if (!HELD.add(path)) {
			throw new DatabaseInUseException(path, true);
		}
		try {
			return new SpoolLock(path, lock(path), beside);
		}
		catch (IOException | RuntimeException ex) {
			HELD.remove(path);
			throw ex;
		}
	}

	private static FileChannel lock(Path path) throws IOException {
		boolean created = !Files.exists(path);
		FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
		if (created) {
			FileAccess.PRIVATE.grant(path);
		}
		try {
			if (tryLock(channel) != null) {
				return channel;
			}
		}
		catch (IOException ex) {
			channel.close();
			throw ex;
		}
		channel.close();
		throw new DatabaseInUseException(path, false);
	}

	private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
		try {
			return channel.tryLock();
		}
		catch (OverlappingFileLockException ex) {
			return null;
		}
	}

	@Override
	public void close() throws IOException {
		try {
			this.channel.close();
		}
		finally {
			HELD.remove(this.path);
			if (this.beside != null) {
				this.beside.close();
			}
		}
	}

}
