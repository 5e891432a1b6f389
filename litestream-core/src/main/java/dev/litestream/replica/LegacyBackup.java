package dev.litestream.replica;

import java.time.Instant;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Files of Litestream 0.3 among those of a replica:
 * {@code generations/<16 hex digits>/snapshots/...} and {@code .../wal/...}. They are not
 * LTX files and cannot be read. A replica that holds nothing else, or nothing newer, is
 * refused: an application that went on would begin a new history beside them, as if there
 * had been no backup. If there are newer LTX files, a later Litestream has already taken
 * over, and the old files are leftovers. Not thread-safe.
 */
public final class LegacyBackup {

	/** The directory of the old files. */
	public static final String DIRECTORY = "generations";

	private static final Pattern NAME = Pattern.compile(DIRECTORY + "/[0-9a-f]{16}(/.*)?");

	private final String location;

	private @Nullable String example;

	private Instant newest = Instant.MIN;

	/**
	 * Starts without files.
	 * @param location the replica's location, for the message
	 */
	public LegacyBackup(String location) {
		this.location = location;
	}

	/**
	 * Whether a name belongs to a 0.3 file or a directory of 0.3 files.
	 * @param name the name relative to the replica's path
	 * @return whether it is
	 */
	public static boolean isNameOf(String name) {
		return NAME.matcher(name).matches();
	}

	/**
	 * Notes a file.
	 * @param name its name relative to the replica's path
	 * @param created when it was written
	 */
	public void add(String name, Instant created) {
		if (this.example == null || created.isAfter(this.newest)) {
			this.example = name;
			this.newest = created;
		}
	}

	/**
	 * Whether there was any file.
	 * @return whether there was
	 */
	public boolean isPresent() {
		return this.example != null;
	}

	/**
	 * Refuses a replica if its newest files are those of 0.3.
	 * @param newestLtx when the newest LTX file was written, or {@code null} if there is
	 * none
	 * @throws ReplicaRefusedException if there are 0.3 files and none newer
	 */
	public void requireOlderThan(@Nullable Instant newestLtx) throws ReplicaRefusedException {
		if (this.example != null && (newestLtx == null || newestLtx.isBefore(this.newest))) {
			throw new ReplicaRefusedException("The replica " + this.location + " holds a backup of Litestream 0.3 ("
					+ ForeignText.shown(this.example) + " of " + this.newest
					+ "), a format that cannot be read here. To convert it,"
					+ " restore the database with the litestream 0.3.x program, start the application with that file,"
					+ " and set litestream.replica.url or litestream.replica.path to an empty bucket, prefix or directory");
		}
	}

}
