package dev.litestream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * The file that SQLite opens for a path. SQLite resolves every link on the way before it
 * names {@code -wal} and {@code -shm}, even a link whose target does not exist yet: the
 * database is created at the target. {@code ..} is the directory above the one that a
 * link leads to, not above the link. Opens no file.
 */
public final class DatabasePath {

	/** Linux and SQLite follow at least this many links. */
	private static final int MOST_LINKS = 40;

	private DatabasePath() {
	}

	/**
	 * The path of a name.
	 * @param name as people write it
	 * @return the path
	 * @throws InvalidPathException if it is not a path; names the cure if only the JVM's
	 * character set is in the way
	 */
	public static Path of(String name) {
		try {
			return Path.of(name);
		}
		catch (InvalidPathException ex) {
			String charset = System.getProperty("sun.jnu.encoding", "unknown");
			if (name.chars().allMatch((c) -> c < 128) || charset.startsWith("UTF")) {
				throw ex;
			}
			throw new InvalidPathException(name, "this JVM spells file names in the character set " + charset
					+ " only; start it with LC_ALL=C.UTF-8, or with another locale of UTF-8");
		}
	}

	/**
	 * The file behind all links.
	 * @param path any path; nothing there need exist
	 * @return the file, absolute; one of the links if they form a circle
	 */
	public static Path resolve(Path path) {
		Path absolute = path.toAbsolutePath();
		Path resolved = absolute.getRoot();
		Deque<Path> todo = new ArrayDeque<>();
		push(todo, absolute);
		int links = 0;
		while (!todo.isEmpty()) {
			Path name = todo.pop();
			if (name.toString().isEmpty() || name.toString().equals(".")) {
				continue;
			}
			if (name.toString().equals("..")) {
				resolved = (resolved.getParent() != null) ? resolved.getParent() : resolved;
				continue;
			}
			Path next = resolved.resolve(name);
			Path target = (links < MOST_LINKS) ? target(next) : null;
			if (target == null) {
				resolved = next;
				continue;
			}
			links++;
			resolved = target.isAbsolute() ? target.getRoot() : resolved;
			push(todo, target);
		}
		return resolved;
	}

	private static void push(Deque<Path> todo, Path path) {
		for (int i = path.getNameCount() - 1; i >= 0; i--) {
			todo.push(path.getName(i));
		}
	}

	private static @Nullable Path target(Path path) {
		try {
			return Files.isSymbolicLink(path) ? Files.readSymbolicLink(path) : null;
		}
		catch (IOException ex) {
			return null; // gone or not readable: opening it reports that
		}
	}

	/**
	 * A path as people write it: absolute, and without {@code .} and {@code ..} unless
	 * leaving them out would name another file.
	 * @param path any path
	 * @return the path, with its links
	 */
	public static Path absolute(Path path) {
		Path absolute = path.toAbsolutePath();
		Path normalized = absolute.normalize();
		return resolve(normalized).equals(resolve(absolute)) ? normalized : absolute;
	}

}
