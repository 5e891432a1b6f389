package dev.litestream.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a database file is mounted by itself, as
 * {@code docker -v ./app.db:/data/app.db} does. Then SQLite's WAL lies beside it on
 * another file system that does not outlive the container, and no other file can take its
 * name. Thread-safe.
 */
final class FileMount {

	private static final Path TABLE = Path.of("/proc/self/mountinfo");

	/** Matches a line of the mount table. */
	private static final int MOUNT_POINT = 4;

	private FileMount() {
	}

	/**
	 * Whether a file, behind all links, is a mount of this process; {@code false} if that
	 * cannot be seen.
	 */
	static boolean isAt(Path file) {
		return isAt(file, TABLE);
	}

	static boolean isAt(Path file, Path table) {
		try {
			String wanted = escaped(file.toString());
			// As bytes, not in a character set: a mount may have any name.
			for (String line : Files.readAllLines(table, StandardCharsets.ISO_8859_1)) {
				String[] fields = line.split(" ", MOUNT_POINT + 2);
				if (fields.length > MOUNT_POINT && fields[MOUNT_POINT].equals(wanted)) {
					return Files.isRegularFile(file);
				}
			}
		}
		catch (IOException ex) {
			// Another operating system, or a sandbox.
		}
		return false;
	}

	/** As the table writes it: with octal codes for white space and backslashes. */
	private static String escaped(String path) {
		String bytes = new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
		return bytes.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011").replace("\n", "\\012");
	}

}
