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
	 *
	 * @param position the position
	 */
	record Increment(WalPosition position) implements Continuation {

	}

	/**
	 * With the whole database, or what differs from the replica's state where that is
	 * known.
	 *
	 * @param reason why it has to be
	 * @param snapshot whether it does not follow from the history before and stands for
	 * all of it, so that a restore can begin with it
	 * @param judge judges the database before anything is shipped, or {@code null} if
	 * there is nothing to compare it with
	 */
	record Resync(ResyncReason reason, boolean snapshot, @Nullable SameDatabase judge) implements Continuation {

		/**
		 * One that follows from the history before.
		 * @param reason why continuity is not proved
		 */
		Resync(ResyncReason reason) {
			this(reason, false, null);
		}

	}

}
