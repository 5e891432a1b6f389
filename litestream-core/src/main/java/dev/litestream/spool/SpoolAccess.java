package dev.litestream.spool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.litestream.DatabasePath;
import dev.litestream.replica.FileAccess;

/**
 * Gives the files of a spool the database's owner and mode, because they contain rows.
 * The lock file keeps owner and mode: it is the model for new files while there is no
 * database, as after a lost disk. A directory that others have created, named by
 * {@code meta-path}, stays as it is.
 */
public final class SpoolAccess {

	static final String MODEL = "lock";

	private SpoolAccess() {
	}

	/**
	 * Gives the spool the access to the database, a path without links that is not
	 * opened. {@code metaPath} is the directory of the spool. Fails if their attributes
	 * cannot be read.
	 */
	static void takeOver(Path database, Path metaPath) throws IOException {
		FileAccess access = FileAccess.of(database);
		Path usual = besideDatabase(database);
		access.grant(usual);
		access.grant(usual.resolve(MODEL));
		if (usual.getFileName().equals(metaPath.getFileName())) {
			access.grant(metaPath);
		}
		grantFiles(access, metaPath);
		access.grant(metaPath.resolve("ltx"));
		access.grant(metaPath.resolve("ltx").resolve("0"));
		grantFiles(access, metaPath.resolve("ltx").resolve("0"));
	}

	private static void grantFiles(FileAccess access, Path directory) throws IOException {
		try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, (file) -> Files.isRegularFile(file))) {
			files.forEach(access::grant);
		}
	}

	/**
	 * Gives a new file the access that the others in the spool's directory have, and
	 * returns whether it had another access. Fails if the directory's attributes cannot
	 * be read.
	 */
	public static boolean grant(Path metaPath, Path file) throws IOException {
		return FileAccess.of(metaPath.resolve(MODEL)).grant(file);
	}

	/** The default directory of the spool, whatever links lead to the database. */
	static Path besideDatabase(Path database) {
		Path real = DatabasePath.resolve(database);
		return real.resolveSibling("." + real.getFileName() + "-litestream");
	}

}
