package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

import dev.litestream.DatabaseOptions;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Replicator;

/**
 * One database of an engine, with its replica and its replicator.
 *
 * @param options how it is replicated
 * @param client where to
 * @param replicator replicates it
 * @param realPath its file, symbolic links resolved
 */
record Registration(DatabaseOptions options, ReplicaClient client, Replicator replicator, Path realPath) {

	Registration(DatabaseOptions options, ReplicaClient client, Replicator replicator) {
		this(options, client, replicator, real(options.path()));
	}

	/** A path with symbolic links resolved as far as it exists. */
	static Path real(Path path) {
		Path absolute = path.toAbsolutePath().normalize();
		try {
			return absolute.toRealPath();
		}
		catch (IOException ex) {
			Path parent = absolute.getParent();
			return (parent != null) ? real(parent).resolve(absolute.getFileName()) : absolute;
		}
	}

	/**
	 * Releases locks, connections and the client.
	 * @param timeout the longest time for what was written since the replicator stopped
	 */
	void close(Duration timeout) {
		this.replicator.close(timeout);
		this.client.close();
	}

}
