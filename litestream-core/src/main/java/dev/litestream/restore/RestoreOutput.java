package dev.litestream.restore;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import dev.litestream.DatabasePath;
import dev.litestream.replica.DirectorySync;
import dev.litestream.replica.FileAccess;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of a restored database. SQLite replays a {@code -wal} or {@code -journal}
 * that it finds beside a database, whoever wrote it. Therefore every such file has to be
 * out of the way before an image takes its name, and a database must never lose the WAL
 * that belongs to it. Nothing is deleted: old files move aside.
 *
 * <p>
 * The order of {@link #publish}: first the old database leaves its name, then its WAL,
 * shared memory and journal; the directory is forced; then the image takes the name, and
 * the directory is forced again. A crash in between leaves no database there, and SQLite
 * ignores a WAL or journal whose database is missing or empty.
 */
final class RestoreOutput {

	private static final Logger logger = LoggerFactory.getLogger(RestoreOutput.class);

	private static final List<String> SIDECARS = List.of("-wal", "-shm", "-journal");

	private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT)
		.withZone(ZoneOffset.UTC);

	private final Path database;

	private final boolean overwrite;

	private final @Nullable FileAccess access;

	private final Clock clock;

	private RestoreOutput(Path database, boolean overwrite, @Nullable FileAccess access, Clock clock) {
		this.database = database;
		this.overwrite = overwrite;
		this.access = access;
		this.clock = clock;
	}

	/**
	 * Checks that a database may be put in a place, and creates the directory. Symbolic
	 * links are followed as SQLite does, even if their target does not exist yet. The
	 * access, or {@code null} for the usual one, is used if no database is replaced; the
	 * clock names the files that move aside. Throws {@link FileAlreadyExistsException} if
	 * there is a database that must stay.
	 */
	static RestoreOutput prepare(Path database, boolean overwrite, @Nullable FileAccess access, Clock clock)
			throws IOException {
		Path path = DatabasePath.resolve(database);
		if (Files.isDirectory(path)) {
			throw new IOException("The database cannot be restored to " + path + ": it is a directory, name a file");
		}
		if (Files.isSymbolicLink(path)) {
			throw new IOException("The database cannot be restored to " + path + ": it is a link, and "
					+ "links lead from there in a circle or further than SQLite follows them; remove the link");
		}
		RestoreOutput output = new RestoreOutput(path, overwrite, access, clock);
		output.checkMayWrite();
		try {
			DirectorySync.create(output.directory(), PosixFilePermissions.fromString("rwxrwxrwx"));
		}
		catch (IOException ex) {
			throw new IOException("The database cannot be restored to " + path + ": its directory cannot be created ("
					+ ex.getMessage() + ")", ex);
		}
		return output;
	}

	Path database() {
		return this.database;
	}

	/**
	 * Puts a finished image in its place; it is forced to disk and on the same file
	 * system. Throws {@link FileAlreadyExistsException} if a database that must stay has
	 * appeared. After any failure the old files are back.
	 */
	void publish(Path image) throws IOException {
		checkMayWrite();
		boolean replaces = Files.exists(this.database);
		if (replaces) {
			takeOverOwnerAndMode(image);
		}
		else if (this.access != null) {
			this.access.grant(image);
		}
		Deque<Path> moved = new ArrayDeque<>();
		String suffix = freeSuffix(
				(replaces ? ".before-restore-" : ".stale-") + TIMESTAMP.format(this.clock.instant()));
		try {
			for (Path path : present()) {
				Files.move(path, aside(path, suffix), StandardCopyOption.ATOMIC_MOVE);
				moved.push(path);
				logger.warn("Moved {} out of the way of the restored database, to {}", path,
						aside(path, suffix).getFileName());
			}
			DirectorySync.force(directory());
			Files.move(image, this.database, StandardCopyOption.ATOMIC_MOVE);
		}
		catch (IOException ex) {
			putBack(moved, suffix, ex); // in reverse order: the database last
			throw ex;
		}
		DirectorySync.force(directory());
	}

	private void checkMayWrite() throws IOException {
		if (!this.overwrite && Files.exists(this.database) && !isEmpty()) {
			throw new FileAlreadyExistsException(this.database.toString(), null,
					"a database exists, and the restore may not replace it: move it away, choose another output or allow overwriting");
		}
	}

	/** Whether there is only an empty file, without anything in a WAL or journal. */
	private boolean isEmpty() throws IOException {
		for (Path path : present()) {
			if (Files.size(path) > 0) {
				return false;
			}
		}
		return true;
	}

	/** The existing files of the database, the database itself first. */
	private List<Path> present() {
		List<Path> present = new ArrayList<>();
		present.add(this.database);
		SIDECARS.forEach((suffix) -> present.add(aside(this.database, suffix)));
		present.removeIf((path) -> !Files.exists(path, LinkOption.NOFOLLOW_LINKS));
		return present;
	}

	private String freeSuffix(String suffix) {
		for (int i = 1;; i++) {
			String numbered = (i == 1) ? suffix : suffix + "-" + i;
			List<Path> all = new ArrayList<>(List.of(this.database));
			SIDECARS.forEach((sidecar) -> all.add(aside(this.database, sidecar)));
			if (all.stream().noneMatch((path) -> Files.exists(aside(path, numbered), LinkOption.NOFOLLOW_LINKS))) {
				return numbered;
			}
		}
	}

	private void takeOverOwnerAndMode(Path image) throws IOException {
		PosixFileAttributeView view = Files.getFileAttributeView(image, PosixFileAttributeView.class);
		PosixFileAttributeView old = Files.getFileAttributeView(this.database, PosixFileAttributeView.class);
		if (view == null || old == null) {
			return;
		}
		PosixFileAttributes wanted = old.readAttributes();
		PosixFileAttributes actual = view.readAttributes();
		try {
			if (!wanted.group().equals(actual.group())) {
				view.setGroup(wanted.group());
			}
			if (!wanted.owner().equals(actual.owner())) {
				view.setOwner(wanted.owner());
			}
		}
		catch (IOException ex) {
			logger.warn("The restored database {} belongs to {}; the previous one belonged to {}", this.database,
					actual.owner(), wanted.owner());
		}
		view.setPermissions(wanted.permissions());
	}

	private static void putBack(Deque<Path> moved, String suffix, IOException failure) {
		for (Path path : moved) {
			try {
				Files.move(aside(path, suffix), path, StandardCopyOption.ATOMIC_MOVE);
			}
			catch (IOException ex) {
				failure.addSuppressed(ex);
			}
		}
	}

	private Path directory() {
		return Objects.requireNonNull(this.database.getParent());
	}

	private static Path aside(Path path, String suffix) {
		return path.resolveSibling(path.getFileName() + suffix);
	}

}
