package dev.litestream.replication;

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
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second replicator off the same database: a lock on a file of our own beside the
 * spool, held while replication runs. Two replicators would take each other's checkpoints
 * for foreign ones.
 */
final class SpoolLock implements AutoCloseable {

	/**
	 * The files locked by this process. They are not even opened again: closing the
	 * second descriptor would drop the lock that the first one holds.
	 */
	private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

	private final Path path;

	private final FileChannel channel;

	private SpoolLock(Path path, FileChannel channel) {
		this.path = path;
		this.channel = channel;
	}

	/**
	 * Takes the lock.
	 * @param metaPath the directory of the spool, created if needed
	 * @return the lock
	 * @throws IOException if the file cannot be used
	 * @throws DatabaseInUseException if another replicator holds it
	 */
	static SpoolLock take(Path metaPath) throws IOException {
		Files.createDirectories(metaPath);
		Path path = metaPath.toRealPath().resolve("lock");
		if (!HELD.add(path)) {
			throw new DatabaseInUseException(path, true);
		}
		try {
			return new SpoolLock(path, lock(path));
		}
		catch (IOException | RuntimeException ex) {
			HELD.remove(path);
			throw ex;
		}
	}

	private static FileChannel lock(Path path) throws IOException {
		FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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
		}
	}

}
