package dev.litestream.spool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.litestream.DatabasePath;
import dev.litestream.replica.FileAccess;

/**
 * Gives what lies in the directory of a spool the database's owner and mode: rows are in
 * it. The lock file keeps them, so that new files have a model while there is no
 * database, as after a lost disk. A directory that others made, named by
 * {@code meta-path}, stays as it is.
 */
public final class SpoolAccess {

	static final String MODEL = "lock";

	private SpoolAccess() {
	}

	/**
	 * Takes over the access to the database.
	 * @param database the database file, without links; not opened
	 * @param metaPath the directory of the spool
	 * @throws IOException if one of them cannot be looked at
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
	 * Gives a new file the access that the others of the directory have.
	 * @param metaPath the directory of the spool
	 * @param file the file
	 * @return whether it had another access
	 * @throws IOException if the directory cannot be looked at
	 */
	public static boolean grant(Path metaPath, Path file) throws IOException {
		return FileAccess.of(metaPath.resolve(MODEL)).grant(file);
	}

	/** Where the spool is by default, whatever links lead to the database. */
	static Path besideDatabase(Path database) {
		Path real = DatabasePath.resolve(database);
		return real.resolveSibling("." + real.getFileName() + "-litestream");
	}

}
