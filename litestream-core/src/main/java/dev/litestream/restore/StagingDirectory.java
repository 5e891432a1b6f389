package dev.litestream.restore;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory {@code .<database>.restore-<random>} beside the output, which holds
 * everything that a restore writes until it is done. Only its owner may read it. It holds
 * a locked file as long as its restore runs: the next restore can tell it from the
 * leftovers of a killed one. Thread-safe.
 */
final class StagingDirectory implements Closeable {

	private static final Logger logger = LoggerFactory.getLogger(StagingDirectory.class);

	private static final String LOCK = "lock";

	private final Path directory;

	private final FileChannel lock;

	private final AtomicLong files = new AtomicLong();

	private StagingDirectory(Path directory, FileChannel lock) {
		this.directory = directory;
		this.lock = lock;
	}

	/**
	 * Removes the leftovers of killed restores of the same output, and creates a
	 * directory beside it.
	 */
	static StagingDirectory create(Path output) throws IOException {
		Path parent = output.toAbsolutePath().getParent();
		try {
			return within(parent, "." + output.getFileName() + ".restore-");
		}
		catch (AccessDeniedException ex) {
			throw new IOException(
					"The database cannot be restored to " + output + ": this user may not write to " + parent, ex);
		}
		catch (FileSystemException ex) {
			throw new IOException("The database cannot be restored to " + output + ": nothing can be written to "
					+ parent + " (" + ex.getReason() + ")", ex);
		}
	}

	/**
	 * Removes the leftovers of killed users of the same prefix, and creates a directory
	 * whose name starts with it, in one that exists.
	 */
	static StagingDirectory within(Path parent, String prefix) throws IOException {
		removeLeftovers(parent, prefix);
		Path directory = Files.createDirectory(parent.resolve(prefix + UUID.randomUUID()));
		if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
			Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
		}
		return lock(directory);
	}

	private static StagingDirectory lock(Path directory) throws IOException {
		FileChannel channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE_NEW,
				StandardOpenOption.WRITE);
		try {
			channel.lock();
			return new StagingDirectory(directory, channel);
		}
		catch (IOException ex) {
			channel.close();
			delete(directory);
			if (ex instanceof FileLockInterruptionException || ex instanceof ClosedByInterruptException) {
				throw new InterruptedIOException("The restore was interrupted before it read from the replica");
			}
			throw ex;
		}
	}

	private static void removeLeftovers(Path parent, String prefix) throws IOException {
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent,
				(path) -> isStaging(path.getFileName().toString(), prefix))) {
			for (Path entry : entries) {
				if (isAbandoned(entry)) {
					logger.info("Removing {}, left behind by a process that was killed", entry);
					delete(entry);
				}
			}
		}
	}

	private static boolean isStaging(String name, String prefix) {
		return name.startsWith(prefix)
				&& name.substring(prefix.length()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
	}

	private static boolean isAbandoned(Path directory) throws IOException {
		try (FileChannel channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
				FileLock held = channel.tryLock()) {
			return held != null;
		}
		catch (OverlappingFileLockException ex) {
			return false; // a restore in this JVM
		}
		catch (NoSuchFileException ex) {
			return Files.isDirectory(directory); // killed before it took the lock
		}
		catch (AccessDeniedException ex) {
			return false; // another user's
		}
	}

	/** A path for a new file in this directory; no file is created. */
	Path newFile() {
		return this.directory.resolve(Long.toString(this.files.incrementAndGet()));
	}

	/** Removes all files, to start over. */
	void clear() throws IOException {
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(this.directory)) {
			for (Path entry : entries) {
				if (!entry.getFileName().toString().equals(LOCK)) {
					Files.delete(entry);
				}
			}
		}
	}

	/** Removes the leftovers of killed restores of an output. */
	static void removeLeftovers(Path output) throws IOException {
		removeLeftovers(output.toAbsolutePath().getParent(), "." + output.getFileName() + ".restore-");
	}

	@Override
	public void close() {
		try (this.lock) {
			delete(this.directory);
		}
		catch (IOException ex) {
			logger.warn("The directory {} could not be removed; the next restore or compaction tries again",
					this.directory, ex);
		}
	}

	private static void delete(Path directory) throws IOException {
		Files.walkFileTree(directory, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
				Files.deleteIfExists(file);
				return FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
				Files.deleteIfExists(visited);
				return FileVisitResult.CONTINUE;
			}

		});
	}

}
