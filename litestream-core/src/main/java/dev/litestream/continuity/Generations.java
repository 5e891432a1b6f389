package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.ltx.LtxHeader;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * Generations of a WAL. SQLite begins with a random first salt and adds one at each
 * restart, so those of one database are of one row, and no others are. The second salt is
 * another one at each restart.
 */
final class Generations {

	/** Further apart, salts are not of one row. */
	private static final int MOST_RESTARTS = 1000;

	private Generations() {
	}

	/**
	 * How many restarts lie between two generations, negative if they are not of one row.
	 */
	static int restarts(int now, int before) {
		int restarts = now - before;
		return (restarts >= 0 && restarts < MOST_RESTARTS) ? restarts : -1;
	}

	/**
	 * Whether an LTX file was made of this database's WAL. A power loss may take the
	 * newest files of the spool and generations of the WAL; those that are left, or the
	 * one remembered, are of the same row as the one that the file was made of. A
	 * database that another writer has restored begins a row of its own.
	 * @param file the file's header
	 * @param spooled that of the spool's newest file
	 * @param wal the WAL
	 * @param remembered the generation that was replicated last
	 */
	static boolean areOfOneRow(LtxHeader file, @Nullable LtxHeader spooled, Path wal, @Nullable Integer remembered)
			throws IOException {
		if (file.walSize() == 0) {
			return false;
		}
		if (spooled != null && spooled.walSize() > 0 && areOfOneRow(file, spooled.walSalt1(), spooled.walSalt2())) {
			return true;
		}
		try (WalReader reader = WalReader.open(wal)) {
			WalPosition start = (reader != null) ? reader.header().start() : null;
			if (start != null && areOfOneRow(file, start.salt1(), start.salt2())) {
				return true;
			}
		}
		return remembered != null && restarts(file.walSalt1(), remembered) >= 0;
	}

	/** In either direction. */
	private static boolean areOfOneRow(LtxHeader file, int salt1, int salt2) {
		return (file.walSalt1() == salt1) ? file.walSalt2() == salt2
				: restarts(file.walSalt1(), salt1) > 0 || restarts(salt1, file.walSalt1()) > 0;
	}

}
