package dev.litestream.capture;

import dev.litestream.continuity.DatabaseMismatchException;
import dev.litestream.spool.SpoolFile;
import org.jspecify.annotations.Nullable;

/**
 * Where what is captured from one database goes. Called under the sync's monitor, so that
 * files come in the order of their TXIDs; must not block.
 */
public interface Outlet {

	/**
	 * A file was written, and goes its way while it is stored in the spool: either makes
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
	 * A step was taken, in vain or not.
	 * @param nanos how long it took, in nanoseconds
	 */
	void looked(long nanos);

	/**
	 * A step has written a file.
	 * @param database the database
	 * @param step what was written
	 */
	void written(OpenDatabase database, Step step);

	/**
	 * Whether SQLite's locks are there, before each step.
	 * @param sentence what to do about it if not, else {@code null}
	 */
	void lostLocks(@Nullable String sentence);

	/**
	 * The database is not the continuation of what the replica holds. No other step is
	 * taken.
	 * @param fault why
	 */
	void refused(DatabaseMismatchException fault);

}
