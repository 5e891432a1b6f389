package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.ltx.LtxHeader;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * Generations of a WAL. SQLite begins with a random first salt and adds one at each
 * restart: the generations of one database form one row, and no others belong to it. The
 * second salt is random at each restart.
 */
final class Generations {

	/** Salts that are further apart do not belong to one row. */
	private static final int MOST_RESTARTS = 1000;

	private Generations() {
	}

	/**
	 * The number of restarts between two generations; negative if they do not belong to
	 * one row.
	 */
	static int restarts(int now, int before) {
		int restarts = now - before;
		return (restarts >= 0 && restarts < MOST_RESTARTS) ? restarts : -1;
	}

	/**
	 * Whether an LTX file was made from this database's WAL. A power loss may take the
	 * newest files of the spool and generations of the WAL. The remaining ones, or the
	 * generation remembered as the last one replicated, belong to the same row as the one
	 * that the file was made from. A database that another writer has restored begins a
	 * new row.
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
