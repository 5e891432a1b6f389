package dev.litestream;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.regex.PatternSyntaxException;

/**
 * Which files of a directory are databases to replicate: those whose name matches a
 * pattern and that begin as SQLite databases do. {@code -wal}, {@code -shm} and
 * {@code -journal} files are never taken for databases. Hidden directories and symbolic
 * links are skipped.
 *
 * @param directory the directory, absolute
 * @param pattern a glob for the file name, as in a shell: {@code *.db}
 * @param recursive whether to look into its subdirectories too
 * @param watch whether databases that appear or vanish later are registered and
 * unregistered; if not, finding no database is a failure
 * @param interval how often to look, if it is watched
 */
public record DirectoryOptions(Path directory, String pattern, boolean recursive, boolean watch, Duration interval) {

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if the pattern is not valid or the interval is not
	 * positive
	 */
	public DirectoryOptions {
		directory = DatabasePath.absolute(directory);
		if (pattern.isBlank() || pattern.contains("/")) {
			throw new IllegalArgumentException("pattern '" + pattern
					+ "' is no pattern for file names; write one such as *.db, and set recursive for directories");
		}
		try {
			matcher(pattern);
		}
		catch (PatternSyntaxException ex) {
			throw new IllegalArgumentException(
					"pattern '" + pattern + "' is no glob (" + ex.getDescription() + "); write one such as *.db", ex);
		}
		if (interval.isZero() || interval.isNegative()) {
			throw new IllegalArgumentException("interval must be greater than 0 (got " + interval + ")");
		}
	}

	/**
	 * Whether a file name matches the pattern.
	 * @return tells for the last element of a path
	 */
	public PathMatcher matcher() {
		return matcher(this.pattern);
	}

	private static PathMatcher matcher(String pattern) {
		// Litestream negates a set by ^, Java by !.
		return FileSystems.getDefault().getPathMatcher("glob:" + pattern.replace("[^", "[!"));
	}

}
