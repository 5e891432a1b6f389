package dev.litestream.spring.actuate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Where restores that the endpoint is asked for may write: to new files below one
 * directory. Neither {@code ..} nor a symbolic link leads out of it. Immutable.
 */
final class RestoreDirectory {

	private static final String KEY = "litestream.endpoint.restore-directory";

	private final @Nullable Path directory;

	/** Creates a directory; {@code null} if nothing may be restored. */
	RestoreDirectory(@Nullable Path directory) {
		this.directory = (directory != null) ? directory.toAbsolutePath().normalize() : null;
	}

	/**
	 * The file to restore to, absolute and without a link in its path. Operators write a
	 * path below the directory, or an absolute one. Throws an
	 * {@link IllegalArgumentException} that says what to change if nothing may be written
	 * there.
	 */
	Path resolve(@Nullable String file) {
		if (this.directory == null) {
			throw new IllegalArgumentException("The endpoint may not restore: set " + KEY
					+ " to the directory that it may write to, or call ReplicatedDatabase.restoreTo");
		}
		if (!StringUtils.hasText(file)) {
			throw new IllegalArgumentException("file is missing: name the file to create in " + this.directory);
		}
		Path real = real(this.directory);
		Path target = real.resolve(below(this.directory, real, file)).normalize();
		if (!target.startsWith(real) || target.equals(real)) {
			throw outside(file);
		}
		for (Path place = target; !place.equals(real); place = place.getParent()) {
			if (Files.isSymbolicLink(place)) {
				throw new IllegalArgumentException("file leads through the symbolic link " + place
						+ ", which is not followed: name a file of the directory " + this.directory + " itself");
			}
		}
		return target;
	}

	private Path below(Path directory, Path real, String file) {
		try {
			Path path = Path.of(file);
			if (!path.isAbsolute()) {
				return path;
			}
			path = path.normalize();
			for (Path root : new Path[] { directory, real }) {
				if (path.startsWith(root)) {
					return root.relativize(path);
				}
			}
		}
		catch (InvalidPathException ex) {
			throw new IllegalArgumentException("file is no path (" + ex.getReason() + ")", ex);
		}
		throw outside(file);
	}

	private static Path real(Path directory) {
		try {
			return directory.toRealPath();
		}
		catch (IOException ex) {
			throw new IllegalArgumentException("The directory " + directory + " of " + KEY + " cannot be used ("
					+ ex.getClass().getSimpleName() + "): create it, or correct the key", ex);
		}
	}

	private IllegalArgumentException outside(String file) {
		return new IllegalArgumentException(
				"file has to lie below " + this.directory + ", the directory of " + KEY + " (got " + file + ")");
	}

}
