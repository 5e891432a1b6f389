package dev.litestream.capture;

import dev.litestream.continuity.DatabaseMismatchException;
import dev.litestream.spool.SpoolFile;
import org.jspecify.annotations.Nullable;

/**
 * Receives the files captured from one database. Called under the sync's monitor, in the
 * order of their TXIDs; must not block.
 */
public interface Outlet {

	/**
	 * A file was written. Its upload runs while it is stored in the spool: either makes
	 * it durable.
	 * @param file the file
	 */
	void add(SpoolFile file);

	/**
	 * A file was stored in the spool.
	 * @param file one that was added
	 */
	void stored(SpoolFile file);

	/**
	 * A raw file and the snapshot of its position were written and stored.
	 * @param raw the raw file
	 * @param snapshot stands for all before it
	 */
	void add(SpoolFile raw, SpoolFile snapshot);

	/**
	 * A step was taken, whether or not it found a commit.
	 * @param nanos how long it took, in nanoseconds
	 */
	void looked(long nanos);

	/**
	 * A step has written a file.
	 * @param database the database
	 * @param step the files written
	 */
	void written(OpenDatabase database, Step step);

	/**
	 * Tells before each step whether SQLite's locks are there.
	 * @param sentence what to do if they are not there, or {@code null} if they are
	 */
	void lostLocks(@Nullable String sentence);

	/**
	 * The database does not continue the replica's history. No other step is taken.
	 * @param fault the reason
	 */
	void refused(DatabaseMismatchException fault);

}
