package dev.litestream.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may read and write what is made of a database: whoever may the database itself, and
 * the owner alone as long as that is not known. A directory can be entered by whoever may
 * read. Where the file system knows no owners and modes, nothing is changed. Immutable.
 */
public final class FileAccess {

	private static final Logger logger = LoggerFactory.getLogger(FileAccess.class);

	private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

	/** The owner's alone. */
	public static final FileAccess PRIVATE = new FileAccess(null);

	private final @Nullable PosixFileAttributes model;

	private FileAccess(@Nullable PosixFileAttributes model) {
		this.model = model;
	}

	/**
	 * The access that a file allows.
	 * @param model the file, which is not opened; a symbolic link is followed
	 * @return its access, or the owner's alone if there is no such file
	 * @throws IOException if the file cannot be looked at
	 */
	public static FileAccess of(Path model) throws IOException {
		PosixFileAttributeView view = Files.getFileAttributeView(model, PosixFileAttributeView.class);
		try {
			return new FileAccess((view != null) ? view.readAttributes() : null);
		}
		catch (NoSuchFileException ex) {
			return PRIVATE;
		}
	}

	/**
	 * Creates a directory for the owner alone, with its missing parents as others are. It
	 * is granted to more when it is known to whom. Does nothing if it exists.
	 * @param directory the directory
	 * @throws IOException if it cannot be created
	 */
	public static void createPrivate(Path directory) throws IOException {
		if (!Files.isDirectory(directory)) {
			Path parent = directory.toAbsolutePath().getParent();
			if (parent != null) {
				Files.createDirectories(parent);
			}
			Files.createDirectories(directory, DirectorySync.attributes(directory, withEntry(OWNER)));
		}
	}

	/**
	 * Gives a file or directory of ours the access. What cannot be changed, because it or
	 * its new owner is another user, stays and is logged.
	 * @param path the file or directory; what is not there is passed over
	 * @return whether it had another access
	 */
	public boolean grant(Path path) {
		// not NOFOLLOW_LINKS: that opens and closes the file, which drops a lock on it
		PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
		if (view == null || Files.isSymbolicLink(path)) {
			return false;
		}
		try {
			return grant(view);
		}
		catch (NoSuchFileException ex) {
			return false;
		}
		catch (IOException ex) {
			logger.warn("The access to {} cannot be made that of the database ({}): let it belong to the user that the"
					+ " application runs as", path, ex.toString());
			return true;
		}
	}

	private boolean grant(PosixFileAttributeView view) throws IOException {
		PosixFileAttributes actual = view.readAttributes();
		Set<PosixFilePermission> wanted = (this.model != null) ? this.model.permissions() : OWNER;
		wanted = actual.isDirectory() ? withEntry(wanted) : withoutEntry(wanted);
		boolean changed = !wanted.equals(actual.permissions());
		if (changed) {
			view.setPermissions(wanted);
		}
		if (this.model != null && !this.model.group().equals(actual.group())) {
			view.setGroup(this.model.group());
			changed = true;
		}
		if (this.model != null && !this.model.owner().equals(actual.owner())) {
			view.setOwner(this.model.owner());
			changed = true;
		}
		return changed;
	}

	private static Set<PosixFilePermission> withEntry(Set<PosixFilePermission> mode) {
		Set<PosixFilePermission> directory = withoutEntry(mode);
		if (mode.contains(PosixFilePermission.OWNER_READ)) {
			directory.add(PosixFilePermission.OWNER_EXECUTE);
		}
		if (mode.contains(PosixFilePermission.GROUP_READ)) {
			directory.add(PosixFilePermission.GROUP_EXECUTE);
		}
		if (mode.contains(PosixFilePermission.OTHERS_READ)) {
			directory.add(PosixFilePermission.OTHERS_EXECUTE);
		}
		return directory;
	}

	private static Set<PosixFilePermission> withoutEntry(Set<PosixFilePermission> mode) {
		Set<PosixFilePermission> file = EnumSet.noneOf(PosixFilePermission.class);
		file.addAll(mode);
		file.remove(PosixFilePermission.OWNER_EXECUTE);
		file.remove(PosixFilePermission.GROUP_EXECUTE);
		file.remove(PosixFilePermission.OTHERS_EXECUTE);
		return file;
	}

}
