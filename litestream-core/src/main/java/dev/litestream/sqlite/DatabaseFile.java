package dev.litestream.sqlite;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the pages of a live database file without SQLite. There is one instance per file
 * and process, and it is never closed while the file has a name: closing any descriptor
 * of the file would drop every POSIX lock that SQLite holds on it in this process, and
 * lead to corruption (law 10). For the same reason it uses a {@link RandomAccessFile},
 * which an interrupt does not close. Thread-safe.
 */
public final class DatabaseFile {

	private static final Logger logger = LoggerFactory.getLogger(DatabaseFile.class);

	private static final Map<Object, DatabaseFile> OPEN = new ConcurrentHashMap<>();

	private final RandomAccessFile file;

	/** Whether it has been open since the file was put in its place. */
	private volatile boolean held;

	private DatabaseFile(RandomAccessFile file) {
		this.file = file;
	}

	/**
	 * The file at a path. Opened at the first call for that file.
	 * @param path an existing database file
	 * @return the file
	 * @throws IOException if it does not exist or cannot be opened
	 */
	public static DatabaseFile at(Path path) throws IOException {
		synchronized (OPEN) {
			Object key = key(path);
			DatabaseFile known = OPEN.get(key);
			if (known != null) {
				return known;
			}
			RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
			// Kept even if the path now names another file: it must not be closed any
			// more.
			DatabaseFile opened = new DatabaseFile(file);
			OPEN.put(key, opened);
			if (!key.equals(key(path))) {
				OPEN.put(new Object(), opened);
				OPEN.remove(key);
				throw new IOException("The database file " + path + " was replaced while it was opened");
			}
			return opened;
		}
	}

	/**
	 * Holds a file that was just put in place: as long as it is open here, no other file
	 * can get its inode.
	 * @param path an existing database file
	 * @throws IOException if it does not exist or cannot be opened
	 */
	public static void hold(Path path) throws IOException {
		at(path).held = true;
	}

	/**
	 * Lets go of a file that was held: from now on it may change unnoticed. Does nothing
	 * for other files.
	 * @param path the database file, which need not exist
	 */
	public static void letGo(Path path) {
		try {
			DatabaseFile open = OPEN.get(key(path));
			if (open != null) {
				open.held = false;
			}
		}
		catch (IOException ex) {
			// It no longer has a name: nothing else can get its inode while it is open.
		}
	}

	/**
	 * Whether the file at a path is the one that was put there by this process.
	 * @param path an existing file
	 * @return whether it has been held since
	 * @throws IOException if the file does not exist
	 */
	public static boolean isHeld(Path path) throws IOException {
		DatabaseFile open = OPEN.get(key(path));
		return open != null && open.held;
	}

	/**
	 * The JDBC URL of the file at a path, without parameters, whatever characters are in
	 * its name.
	 */
	static String url(Path path) {
		return "jdbc:sqlite:file:" + path.toUri().getRawPath();
	}

	/**
	 * How many names the file at a path has. SQLite keeps a WAL beside each of them.
	 * @param path an existing file
	 * @return the number of hard links, 1 if that is unknown
	 * @throws IOException if the file does not exist
	 */
	public static int names(Path path) throws IOException {
		try {
			return (Files.getAttribute(path, "unix:nlink") instanceof Integer links) ? links : 1;
		}
		catch (UnsupportedOperationException | IllegalArgumentException ex) {
			return 1;
		}
	}

	/**
	 * Identifies the file at a path, whatever its name: by device and inode.
	 * @param path an existing file
	 * @return the key
	 * @throws IOException if the file does not exist
	 */
	public static Object key(Path path) throws IOException {
		Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
		return (key != null) ? key : path.toRealPath();
	}

	/**
	 * Identifies the file at a path on its file system, even after a reboot: by its
	 * inode.
	 * @param path an existing file
	 * @return the identity
	 * @throws IOException if the file does not exist
	 */
	public static String identity(Path path) throws IOException {
		String key = key(path).toString();
		int inode = key.indexOf("ino=");
		return (inode >= 0) ? key.substring(inode + 4, key.length() - 1) : key;
	}

	/**
	 * Closes a deleted file to give its space back. Nobody can open it any more, so no
	 * lock on it is needed. Does nothing while the file has a name, or if that is
	 * unknown.
	 * @param key identifies the file
	 */
	public static void closeIfDeleted(Object key) {
		synchronized (OPEN) {
			DatabaseFile open = OPEN.get(key);
			if (open != null && isDeleted(key)) {
				OPEN.remove(key);
				open.close();
			}
		}
	}

	private static boolean isDeleted(Object key) {
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
			for (Path descriptor : descriptors) {
				Map<String, Object> attributes = attributes(descriptor);
				if (key.equals(attributes.get("fileKey"))) {
					return attributes.get("nlink") instanceof Integer links && links == 0;
				}
			}
		}
		catch (IOException | DirectoryIteratorException ex) {
			logger.debug("Cannot determine whether a database file was deleted", ex);
		}
		return false;
	}

	private static Map<String, Object> attributes(Path descriptor) {
		try {
			return Files.readAttributes(descriptor, "unix:fileKey,nlink");
		}
		catch (IOException ex) {
			return Map.of(); // closed meanwhile
		}
	}

	private synchronized void close() {
		try {
			this.file.close();
		}
		catch (IOException ex) {
			logger.debug("A deleted database file could not be closed", ex);
		}
	}

	/**
	 * Reads one page. Beyond the end of the file there are zeros.
	 * @param pgno the page number, from 1
	 * @param pageSize the page size, in bytes
	 * @param page receives the page
	 * @throws IOException if the file cannot be read
	 */
	public void readPage(long pgno, int pageSize, byte[] page) throws IOException {
		read((pgno - 1) * pageSize, page, pageSize);
	}

	/**
	 * Reads a range of bytes. Beyond the end of the file there are zeros.
	 * @param position the first byte
	 * @param bytes receives them
	 * @param length how many
	 * @throws IOException if the file cannot be read
	 */
	public synchronized void read(long position, byte[] bytes, int length) throws IOException {
		this.file.seek(position);
		int done = 0;
		while (done < length) {
			int n = this.file.read(bytes, done, length - done);
			if (n < 0) {
				Arrays.fill(bytes, done, length, (byte) 0);
				return;
			}
			done += n;
		}
	}

}
