package dev.litestream.engine;

import java.nio.file.Path;

import dev.litestream.DatabaseOptions;
import dev.litestream.replica.ReplicaClient;

/**
 * How the databases that are found in a directory are replicated. Called by one thread at
 * a time.
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
	 * Where a database is replicated to: a place of its own.
	 * @param relative its path below the directory
	 * @return a client that is not connected
	 * @throws IllegalArgumentException if no place can be made of that path
	 */
	ReplicaClient client(Path relative);

}
