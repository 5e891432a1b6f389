package dev.litestream.replication;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import dev.litestream.LitestreamException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second replicator off the same database: a lock on a file of our own beside the
 * spool, held while replication runs. Two replicators would take each other's checkpoints
 * for foreign ones.
 */
final class SpoolLock implements AutoCloseable {

	private final FileChannel channel;

	private SpoolLock(FileChannel channel) {
		this.channel = channel;
	}

	/**
	 * Takes the lock.
	 * @param metaPath the directory of the spool, created if needed
	 * @return the lock
	 * @throws IOException if the file cannot be used
	 * @throws LitestreamException if another replicator holds it
	 */
	static SpoolLock take(Path metaPath) throws IOException {
		Files.createDirectories(metaPath);
		FileChannel channel = FileChannel.open(metaPath.resolve("lock"), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE);
		try {
			if (tryLock(channel) != null) {
				return new SpoolLock(channel);
			}
		}
		catch (IOException ex) {
			channel.close();
			throw ex;
		}
		channel.close();
		throw new LitestreamException("Another replicator already works on this database (it holds " + metaPath
				+ "/lock); run only one per database file");
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
		this.channel.close();
	}

}
