package dev.litestream.engine;

import java.nio.file.Path;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.Litestream;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import dev.litestream.RestoreResult;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * Replicates databases: opens, wires and closes the parts in order. Create it with
 * {@link #builder()}, then {@link #restore()} before anything opens a database,
 * {@link #start()}, {@link #stop()} (may be started again) and finally {@link #close()}.
 */
public final class LitestreamEngine implements Litestream, AutoCloseable {

	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Restores the databases that ask for it. To be called before anything opens them.
	 * @return one result for each database that was restored
	 * @throws LitestreamException if a restore failed
	 */
	public List<RestoreResult> restore() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Starts replicating. Does not wait for the replica. Does nothing if started.
	 */
	public void start() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Syncs what is committed, waits for the replica within each database's
	 * {@code shutdownSyncTimeout}, and stops. Logs what could not be replicated; does not
	 * throw for it. Does nothing if stopped.
	 */
	public void stop() {
		throw new UnsupportedOperationException();
	}

	public boolean isRunning() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Stops if running, with a short final sync for what was written since
	 * {@link #stop()}, and releases locks, connections and clients. To be called after
	 * the application has closed its own connections, so that the WAL stays for the next
	 * start.
	 */
	@Override
	public void close() {
		throw new UnsupportedOperationException();
	}

	@Override
	public List<ReplicatedDatabase> databases() {
		throw new UnsupportedOperationException();
	}

	@Override
	public @Nullable ReplicatedDatabase database(String name) {
		throw new UnsupportedOperationException();
	}

	@Override
	public @Nullable ReplicatedDatabase database(Path path) {
		throw new UnsupportedOperationException();
	}

	/** Collects databases and their replicas. Not safe for several threads. */
	public static final class Builder {

		/**
		 * Adds a database.
		 * @param options how it is replicated
		 * @param client where to; owned and closed by the engine
		 * @return this builder
		 */
		public Builder database(DatabaseOptions options, ReplicaClient client) {
			throw new UnsupportedOperationException();
		}

		/**
		 * Adds a listener.
		 * @param listener told of what happens
		 * @return this builder
		 */
		public Builder listener(ReplicationListener listener) {
			throw new UnsupportedOperationException();
		}

		/**
		 * Builds the engine. Touches neither disk nor network.
		 * @return the engine
		 * @throws LitestreamException if two databases share a name, a file or a replica
		 */
		public LitestreamEngine build() {
			throw new UnsupportedOperationException();
		}

	}

}
