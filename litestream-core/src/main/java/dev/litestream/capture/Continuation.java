package dev.litestream.capture;

import dev.litestream.ResyncReason;
import dev.litestream.continuity.SameDatabase;
import dev.litestream.wal.WalPosition;
import org.jspecify.annotations.Nullable;

/**
 * How the history of one database goes on, as far as is known on this side of the spool:
 * what the next file holds.
 */
sealed interface Continuation {

	Continuation UNKNOWN = new Unknown();

	/** Where the next frame is expected, or null if continuity is not proved. */
	default @Nullable WalPosition position() {
		return null;
	}

	/** It is to be found out where it goes on; no file is written until then. */
	record Unknown() implements Continuation {

	}

	/**
	 * With the commits behind a position in the WAL.
	 */
	record Increment(WalPosition position) implements Continuation {

	}

	/**
	 * With the whole database, or the difference from the replica's state if that is
	 * known. A {@code snapshot} does not follow from the history before and stands for
	 * all of it: a restore can begin with it. {@code judge} judges the database before
	 * anything is shipped; it is {@code null} if there is nothing to compare it with.
	 */
	record Resync(ResyncReason reason, boolean snapshot, @Nullable SameDatabase judge) implements Continuation {

		/**
		 * One that follows from the history before, whose continuity is not proved.
		 */
		Resync(ResyncReason reason) {
			this(reason, false, null);
		}

	}

}
