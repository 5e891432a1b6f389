package dev.litestream.replica;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Makes changes to directories durable: a file that was created, renamed or deleted stays
 * so after a power failure only once its directory has been forced. An interrupt does not
 * stop these calls; the thread's interrupt status is kept.
 */
public final class DirectorySync {

	private DirectorySync() {
	}

	/**
	 * Forces a directory's entries to disk.
	 * @param directory an existing directory
	 * @throws IOException if it cannot be opened or forced
	 */
	public static void force(Path directory) throws IOException {
		if (directory.getFileSystem().supportedFileAttributeViews().contains("dos")
				&& !directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
			return; // Windows cannot open a directory; NTFS journals its entries
		}
		// a directory can only be opened through a channel, and an interrupt closes it:
		// set the interrupt aside and try again
		boolean interrupted = Thread.interrupted();
		try {
			while (true) {
				try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
					channel.force(true);
					return;
				}
				catch (ClosedByInterruptException ex) {
					interrupted |= Thread.interrupted();
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * Creates a directory and its missing parents durably.
	 * @param directory the directory
	 * @param permissions of the directories created, if the file system supports
	 * permissions
	 * @throws IOException if one cannot be created
	 */
	public static void create(Path directory, Set<PosixFilePermission> permissions) throws IOException {
		Deque<Path> missing = new ArrayDeque<>();
		for (Path path = directory.toAbsolutePath(); path != null && !Files.exists(path); path = path.getParent()) {
			missing.push(path);
		}
		if (missing.isEmpty() && !Files.isDirectory(directory)) {
			throw new NotDirectoryException(directory.toString());
		}
		for (Path path : missing) {
			Files.createDirectories(path, attributes(path, permissions));
			Path parent = path.getParent();
			if (parent != null) {
				force(parent);
			}
		}
	}

	/**
	 * Creates the missing directories between an existing one, which is not created, and
	 * another below it, durably.
	 */
	static void createBelow(Path root, Path directory, Set<PosixFilePermission> permissions) throws IOException {
		Path path = root;
		for (Path name : root.relativize(directory)) {
			Path parent = path;
			path = parent.resolve(name);
			if (!Files.isDirectory(path)) {
				createOne(path, permissions);
				force(parent);
			}
		}
	}

	private static void createOne(Path path, Set<PosixFilePermission> permissions) throws IOException {
		try {
			Files.createDirectory(path, attributes(path, permissions));
		}
		catch (FileAlreadyExistsException ex) {
			if (!Files.isDirectory(path)) {
				throw new NotDirectoryException(path.toString());
			}
		}
	}

	static FileAttribute<?>[] attributes(Path path, Set<PosixFilePermission> permissions) {
		return path.getFileSystem().supportedFileAttributeViews().contains("posix")
				? new FileAttribute<?>[] { PosixFilePermissions.asFileAttribute(permissions) }
				: new FileAttribute<?>[0];
	}

}
