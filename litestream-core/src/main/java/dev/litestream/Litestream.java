package dev.litestream;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The replicated databases of an application. Thread-safe.
 */
public interface Litestream {

	/**
	 * All databases, in the order in which they were configured or registered.
	 * @return the databases
	 */
	List<ReplicatedDatabase> databases();

	/**
	 * The database of that name.
	 * @param name the database's name
	 * @return the database, or {@code null}
	 */
	@Nullable ReplicatedDatabase database(String name);

	/**
	 * The database in that file.
	 * @param path the database file; compared by real path
	 * @return the database, or {@code null}
	 */
	@Nullable ReplicatedDatabase database(Path path);

	/**
	 * Ends the replication of a database while the others go on: syncs all commits, waits
	 * for the replica, and lets go of the database's files. Its file, its local spool and
	 * its replica stay as they are.
	 * @param name the database's name
	 * @param timeout the longest time that the final sync may take
	 * @return whether everything is replicated; if not, the log says what is left, and it
	 * is shipped when the database is registered again
	 * @throws LitestreamException if no database has that name
	 */
	boolean unregister(String name, Duration timeout);

	/**
	 * Adds a listener. It hears of everything that happens from now on.
	 * @param listener the listener
	 */
	void addListener(ReplicationListener listener);

}
