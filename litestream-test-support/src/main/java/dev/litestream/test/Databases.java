package dev.litestream.test;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Statements about database files. Those that read bytes are for files that no process
 * has open: closing a descriptor on a database that SQLite has open in the same process
 * drops SQLite's locks on it, and pages may still be in its WAL. They refuse such files.
 */
public final class Databases {

	private Databases() {
	}

	/**
	 * Asserts that two database files are identical to the byte.
	 * @param actual a database file that no process has open
	 * @param expected another
	 * @throws AssertionError if they differ; the message names the first differing page
	 * @throws IllegalStateException if one of them is open in this JVM or has a WAL with
	 * content beside it
	 * @throws IOException if they cannot be read
	 */
	public static void sameContent(Path actual, Path expected) throws IOException {
		refuseIfInUse(actual);
		refuseIfInUse(expected);
		int pageSize = pageSize(expected);
		try (InputStream left = new BufferedInputStream(Files.newInputStream(actual), 1 << 16);
				InputStream right = new BufferedInputStream(Files.newInputStream(expected), 1 << 16)) {
			for (long pgno = 1;; pgno++) {
				byte[] leftPage = left.readNBytes(pageSize);
				byte[] rightPage = right.readNBytes(pageSize);
				int offset = Arrays.mismatch(leftPage, rightPage);
				if (offset >= 0) {
					throw new AssertionError(difference(actual, expected, pageSize, pgno, offset, leftPage, rightPage));
				}
				if (rightPage.length == 0) {
					return;
				}
			}
		}
	}

	private static String difference(Path actual, Path expected, int pageSize, long pgno, int offset, byte[] leftPage,
			byte[] rightPage) throws IOException {
		StringBuilder text = new StringBuilder();
		text.append(String.format(Locale.ROOT, "%s and %s differ", actual, expected));
		long leftSize = Files.size(actual);
		long rightSize = Files.size(expected);
		if (leftSize != rightSize) {
			text.append(String.format(Locale.ROOT, "; they have %d and %d bytes (%d and %d pages of %d)", leftSize,
					rightSize, leftSize / pageSize, rightSize / pageSize, pageSize));
		}
		if (offset < Math.min(leftPage.length, rightPage.length)) {
			text.append(String.format(Locale.ROOT, "; first at page %d, offset %d: 0x%02x and 0x%02x", pgno, offset,
					leftPage[offset], rightPage[offset]));
		}
		else {
			text.append(
					String.format(Locale.ROOT, "; one ends in page %d at offset %d, equal up to there", pgno, offset));
		}
		return text.toString();
	}

	/**
	 * The page size in a database file's header.
	 * @param database a database file that no process has open
	 * @return the size in bytes; 512 if the file is too short to say
	 * @throws IOException if it cannot be read
	 */
	public static int pageSize(Path database) throws IOException {
		refuseIfOpenHere(database);
		try (InputStream input = Files.newInputStream(database)) {
			byte[] header = input.readNBytes(18);
			if (header.length < 18) {
				return 512;
			}
			int value = ((header[16] & 0xff) << 8) | (header[17] & 0xff);
			return (value == 1) ? 65536 : Math.max(512, value);
		}
	}

	/**
	 * Runs SQLite's full integrity check through its own connection. Allowed while others
	 * have the database open.
	 * @param database a database file
	 * @return {@code ok}, or what is wrong, one problem in each line
	 * @throws SQLException if it cannot be opened at all
	 */
	public static String integrity(Path database) throws SQLException {
		try (Connection connection = connect(database);
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("PRAGMA integrity_check")) {
			List<String> lines = new ArrayList<>();
			while (result.next()) {
				lines.add(result.getString(1));
			}
			return String.join(System.lineSeparator(), lines);
		}
	}

	/**
	 * Moves what a WAL left by another program still holds into the database file, so
	 * that its bytes can be compared. Nobody else may have the database open.
	 * @param database a database file
	 * @throws SQLException if the checkpoint could not be completed
	 */
	public static void checkpoint(Path database) throws SQLException {
		try (Connection connection = connect(database);
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
			if (result.next() && result.getInt(1) != 0) {
				throw new SQLException(
						String.format(Locale.ROOT, "The checkpoint of %s was blocked by another connection", database));
			}
		}
	}

	private static Connection connect(Path database) throws SQLException {
		if (!Files.exists(database)) {
			throw new SQLException(String.format(Locale.ROOT, "There is no database %s", database));
		}
		return DriverManager.getConnection("jdbc:sqlite:" + database);
	}

	private static void refuseIfInUse(Path database) throws IOException {
		refuseIfOpenHere(database);
		Path wal = database.resolveSibling(database.getFileName() + "-wal");
		if (Files.exists(wal) && Files.size(wal) > 0) {
			throw new IllegalStateException(String.format(Locale.ROOT,
					"%s has a WAL with content beside it, so its bytes say nothing; close its last connection or call checkpoint first",
					database));
		}
	}

	private static void refuseIfOpenHere(Path database) throws IOException {
		Path descriptors = Path.of("/proc/self/fd");
		if (!Files.isDirectory(descriptors)) {
			return;
		}
		Path file = database.toRealPath();
		try (Stream<Path> open = Files.list(descriptors)) {
			if (open.anyMatch((descriptor) -> pointsTo(descriptor, file))) {
				throw new IllegalStateException(String.format(Locale.ROOT,
						"%s is open in this JVM; reading it would drop SQLite's locks, so close it first", database));
			}
		}
	}

	private static boolean pointsTo(Path descriptor, Path file) {
		try {
			return Files.readSymbolicLink(descriptor).equals(file);
		}
		catch (IOException ex) {
			return false; // closed meanwhile
		}
	}

}
