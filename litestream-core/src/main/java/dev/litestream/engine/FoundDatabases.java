package dev.litestream.engine;

import java.nio.file.Path;

import dev.litestream.DatabaseOptions;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

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

	/**
	 * Where all of them are replicated to. Databases that are configured one by one are
	 * refused if they write to the same place.
	 * @return the location below which each database has its own, as
	 * {@link ReplicaClient#location()} has it, or {@code null} if there is none
	 */
	default @Nullable String location() {
		return null;
	}

}
