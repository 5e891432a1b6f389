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
 * One database of an engine: its options, replica and replicator, the view that
 * applications have, and its file with symbolic links resolved.
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
	 * Ends verifications, syncs all commits and stops. The timeout is the longest time to
	 * wait for the replica. Returns whether everything is replicated.
	 */
	boolean stop(Duration timeout) {
		this.database.verifier().stop();
		return this.replicator.stop(timeout);
	}

	/**
	 * Syncs all commits. The timeout is the longest time to wait for the replica. Returns
	 * whether everything is replicated; an interrupt is kept.
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
	 * Releases locks, connections and the client. The timeout is the longest time for
	 * commits since the replicator stopped.
	 */
	void close(Duration timeout) {
		this.replicator.close(timeout);
		this.client.close();
	}

	/**
	 * Releases them at the end of the application, which writes no more. The timeout is
	 * the longest time for commits since the replicator stopped.
	 */
	void end(Duration timeout) {
		this.replicator.end(timeout);
		this.client.close();
	}

}
