package dev.litestream.engine;

import java.nio.file.Path;
import java.time.Duration;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Replicator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One database of an engine, with its replica and its replicator.
 *
 * @param options how it is replicated
 * @param client where to
 * @param replicator replicates it
 * @param database what applications see of it
 * @param realPath its file, symbolic links resolved
 */
record Registration(DatabaseOptions options, ReplicaClient client, Replicator replicator, EngineDatabase database,
		Path realPath) {

	private static final Logger logger = LoggerFactory.getLogger(Registration.class);

	Registration(DatabaseOptions options, ReplicaClient client, Replicator replicator, EngineDatabase database) {
		this(options, client, replicator, database, options.file());
	}

	void start() {
		this.database.verifier().readJournal();
		this.replicator.start();
		this.database.verifier().start();
	}

	/**
	 * Ends verifications, syncs what is committed and stops.
	 * @param timeout the longest time to wait for the replica
	 * @return whether everything is replicated
	 */
	boolean stop(Duration timeout) {
		this.database.verifier().stop();
		return this.replicator.stop(timeout);
	}

	/**
	 * Syncs what is committed.
	 * @param timeout the longest time to wait for the replica
	 * @return whether everything is replicated; an interrupt is kept
	 */
	boolean sync(Duration timeout) {
		try {
			return this.replicator.hasNothingToSync() || this.replicator.sync(timeout);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (LitestreamException ex) {
			logger.error("{}: {}", this.options.name(), ex.getMessage());
		}
		return false;
	}

	/**
	 * Releases locks, connections and the client.
	 * @param timeout the longest time for what was written since the replicator stopped
	 */
	void close(Duration timeout) {
		this.replicator.close(timeout);
		this.client.close();
	}

	/**
	 * Releases them at the end of the application, which writes no more.
	 * @param timeout the longest time for what was written since the replicator stopped
	 */
	void end(Duration timeout) {
		this.replicator.end(timeout);
		this.client.close();
	}

}
