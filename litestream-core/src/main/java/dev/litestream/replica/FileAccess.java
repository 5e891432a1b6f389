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
 * Who may read and write the files made from a database: whoever may access the database
 * itself, and only the owner as long as that is not known. Whoever may read a directory
 * may enter it. On a file system without owners and modes nothing is changed. Immutable.
 */
public final class FileAccess {

	private static final Logger logger = LoggerFactory.getLogger(FileAccess.class);

	private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

	/** Access for the owner only. */
	public static final FileAccess PRIVATE = new FileAccess(null);

	private final @Nullable PosixFileAttributes model;

	private FileAccess(@Nullable PosixFileAttributes model) {
		this.model = model;
	}

	/**
	 * The access that a file allows.
	 * @param model the file, which is not opened; a symbolic link is followed
	 * @return its access, or access for the owner only if there is no such file
	 * @throws IOException if the file's attributes cannot be read
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
	 * Creates a directory for the owner only; missing parents get the usual mode. Others
	 * get access later, once it is known who needs it. Does nothing if the directory
	 * exists.
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
	 * Gives a file or directory of ours this access. If the process may not change it,
	 * because the present or new owner is another user, it stays as it is and a warning
	 * is logged.
	 * @param path the file or directory; ignored if it does not exist
	 * @return whether its access was different
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
			logger.warn(
					"{} cannot be given the same access as the database ({}): make the user that the application runs "
							+ "as its owner",
					path, ex.toString());
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
