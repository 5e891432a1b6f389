package dev.litestream.replica;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * A file of a replica that is being written: filled under a temporary name, then
 * published under its own, once. Not thread-safe; several files of the same name may be
 * written at the same time.
 */
final class NewLtxFile implements Closeable {

	/**
	 * The lock file in the directory of the levels, for file systems without hard links.
	 */
	private static final String LOCK = "publish.lock";

	private static final int BUFFER_SIZE = 128 * 1024;

	private static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-------");

	private final Path path;

	private final Path tmp;

	private NewLtxFile(Path path, Path tmp) {
		this.path = path;
		this.tmp = tmp;
	}

	/**
	 * Creates an empty temporary file beside the place of a file, and the directories
	 * below the replica's root that are missing, but never the root.
	 */
	static NewLtxFile beside(Path root, Path path) throws IOException {
		Path directory = Objects.requireNonNull(path.getParent());
		Path tmp = directory.resolve(path.getFileName() + "." + UUID.randomUUID() + FileReplicaClient.TMP_SUFFIX);
		try {
			DirectorySync.createBelow(root, directory, FileReplicaClient.DIRECTORY_MODE);
			Files.createFile(tmp, DirectorySync.attributes(tmp, FILE_MODE));
			return new NewLtxFile(path, tmp);
		}
		catch (IOException ex) {
			throw DirectoryFailure.write(path, ex);
		}
	}

	/**
	 * Copies the content to its end and forces it to disk, with the timestamp of the
	 * file. Does not close the content. An exception of the content is thrown as it is.
	 */
	void fill(InputStream content, Instant timestamp) throws IOException {
		try (FileOutputStream out = openTmp()) {
			byte[] buffer = new byte[BUFFER_SIZE];
			for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
				try {
					out.write(buffer, 0, n);
				}
				catch (IOException ex) {
					throw DirectoryFailure.write(this.path, ex);
				}
			}
			try {
				Files.setLastModifiedTime(this.tmp, FileTime.fromMillis(timestamp.toEpochMilli()));
				out.getFD().sync();
			}
			catch (IOException ex) {
				throw DirectoryFailure.write(this.path, ex);
			}
		}
	}

	private FileOutputStream openTmp() throws IOException {
		try {
			return new FileOutputStream(this.tmp.toFile());
		}
		catch (IOException ex) {
			throw DirectoryFailure.write(this.path, ex);
		}
	}

	/**
	 * Gives the file its name, unless a file of the same content already has it. Throws
	 * {@link LtxConflictException} if the name is taken by other content.
	 */
	void publish() throws IOException {
		publish(Files::createLink);
	}

	void publish(HardLinks links) throws IOException {
		try {
			link(links);
		}
		catch (FileAlreadyExistsException ex) {
			if (!sameContent(this.tmp, this.path)) {
				throw new LtxConflictException("The replica already holds another " + this.path
						+ ": a second writer uses this replica; give each database a replica of its own", ex);
			}
		}
		catch (ReplicaRefusedException ex) {
			throw ex;
		}
		catch (IOException ex) {
			throw DirectoryFailure.write(this.path, ex);
		}
	}

	private void link(HardLinks links) throws IOException {
		try {
			links.create(this.path, this.tmp);
		}
		catch (FileAlreadyExistsException | NoSuchFileException | AccessDeniedException ex) {
			throw ex;
		}
		catch (UnsupportedOperationException | FileSystemException ex) {
			// no hard links here (FAT, some network file systems)
			synchronized (NewLtxFile.class) {
				moveUnderLock();
			}
		}
	}

	/** Checks and moves under a lock that every other process also asks for. */
	private void moveUnderLock() throws IOException {
		Path directory = Objects.requireNonNull(this.path.getParent());
		try (FileChannel channel = FileChannel.open(directory.resolveSibling(LOCK), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE); FileLock lock = lock(channel)) {
			if (!lock.isValid() || Files.exists(this.path)) {
				throw new FileAlreadyExistsException(this.path.toString());
			}
			Files.move(this.tmp, this.path, StandardCopyOption.ATOMIC_MOVE);
		}
	}

	private FileLock lock(FileChannel channel) throws IOException {
		try {
			return channel.lock();
		}
		catch (ClosedChannelException | FileLockInterruptionException ex) {
			throw ex;
		}
		catch (IOException ex) {
			throw new ReplicaRefusedException(
					"The file system of " + this.path.getParent() + " has neither hard links nor file locks ("
							+ DirectoryFailure.reason(ex) + "); a second writer could overwrite this one's "
							+ "files unnoticed: set the replica's path to a directory elsewhere",
					ex);
		}
	}

	/** Gives a file a second name, as {@link Files#createLink} does. */
	@FunctionalInterface
	interface HardLinks {

		void create(Path link, Path existing) throws IOException;

	}

	/** Removes the temporary name, which is no longer needed. */
	@Override
	public void close() {
		this.tmp.toFile().delete();
	}

	private static boolean sameContent(Path one, Path other) throws IOException {
		if (Files.size(one) != Files.size(other)) {
			return false;
		}
		try (FileInputStream left = new FileInputStream(one.toFile());
				FileInputStream right = new FileInputStream(other.toFile())) {
			byte[] leftBytes = new byte[BUFFER_SIZE];
			byte[] rightBytes = new byte[BUFFER_SIZE];
			while (true) {
				int n = left.readNBytes(leftBytes, 0, BUFFER_SIZE);
				int m = right.readNBytes(rightBytes, 0, BUFFER_SIZE);
				if (n != m || !Arrays.equals(leftBytes, 0, n, rightBytes, 0, m)) {
					return false;
				}
				if (n == 0) {
					return true;
				}
			}
		}
	}

}
