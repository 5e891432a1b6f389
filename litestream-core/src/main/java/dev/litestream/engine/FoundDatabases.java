package dev.litestream.engine;

import java.nio.file.Path;

import dev.litestream.DatabaseOptions;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * Tells how the databases found in a directory are replicated. Called by one thread at a
 * time.
 */
public interface FoundDatabases {

	/**
	 * How a database is replicated. Its name has to be unique.
	 * @param file the database file, absolute
	 * @param relative its path below the directory
	 * @return the options
	 */
	DatabaseOptions options(Path file, Path relative);

	/**
	 * Where a database is replicated to: each has its own place.
	 * @param relative its path below the directory
	 * @return a client that is not connected
	 * @throws IllegalArgumentException if the path cannot be turned into a place
	 */
	ReplicaClient client(Path relative);

	/**
	 * The place below which all of them are replicated. Databases that are configured one
	 * by one are refused if they write to the same place.
	 * @return the common location, in the form of {@link ReplicaClient#location()}, or
	 * {@code null} if there is none
	 */
	default @Nullable String location() {
		return null;
	}

}
