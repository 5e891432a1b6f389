package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.Litestream;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import dev.litestream.RestoreResult;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Replicator;
import dev.litestream.replication.Turns;
import dev.litestream.replication.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Replicates databases: opens, wires and closes the parts in order. Create it with
 * {@link #builder()}, then {@link #restore()} before anything opens a database,
 * {@link #start()}, {@link #stop()} (may be started again) and finally {@link #close()}.
 * Safe for use by several threads.
 */
public final class LitestreamEngine implements Litestream, AutoCloseable {

	/**
	 * The longest time for what was written between {@link #stop()} and {@link #close()}.
	 */
	private static final Duration RESIDUAL_SYNC = Duration.ofSeconds(5);

	private final List<Entry> entries;

	private final List<Replicator> replicators = new ArrayList<>();

	private final Listeners listeners;

	/** How many databases' levels are worked on at once. */
	private static final int MAINTENANCE_AT_ONCE = 2;

	private final Workers workers = new Workers();

	private final Turns maintenance = new Turns(this.workers, MAINTENANCE_AT_ONCE);

	private boolean running;

	private boolean closed;

	private LitestreamEngine(List<Entry> entries, List<ReplicationListener> listeners) {
		this.entries = entries;
		this.listeners = new Listeners(listeners);
		for (Entry entry : entries) {
			this.replicators.add(new Replicator(entry.options(), entry.client(), this.listeners, this.workers,
					this.maintenance, Clock.systemUTC()));
		}
	}

	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Restores the databases that ask for it. To be called before anything opens them.
	 * Afterwards each one's directory exists, so that SQLite can create it there.
	 * @return one result for each database that was restored
	 * @throws LitestreamException if a restore failed
	 */
	public List<RestoreResult> restore() {
		List<RestoreResult> results = new ArrayList<>();
		for (Entry entry : this.entries) {
			RestoreResult result = new StartupRestore(entry.options(), entry.client()).run();
			if (result != null) {
				results.add(result);
				this.listeners.restored(entry.options().name(), result);
			}
		}
		return results;
	}

	/**
	 * Starts replicating. Does not wait for the replica. Does nothing if started.
	 * @throws LitestreamException if a database cannot be replicated by this engine
	 */
	public synchronized void start() {
		if (this.running || this.closed) {
			return;
		}
		this.running = true;
		this.replicators.forEach(Replicator::start);
	}

	/**
	 * Syncs what is committed, waits for the replica within each database's
	 * {@code shutdownSyncTimeout}, and stops. Logs what could not be replicated; does not
	 * throw for it. Does nothing if stopped.
	 */
	public synchronized void stop() {
		if (this.running) {
			this.running = false;
			this.replicators.parallelStream().forEach(Replicator::stop);
		}
	}

	public synchronized boolean isRunning() {
		return this.running;
	}

	/**
	 * Stops if running, with a short final sync for what was written since
	 * {@link #stop()}, and releases locks, connections and clients. To be called after
	 * the application has closed its own connections, so that the WAL stays for the next
	 * start.
	 */
	@Override
	public synchronized void close() {
		if (this.closed) {
			return;
		}
		stop();
		this.closed = true;
		for (int i = 0; i < this.entries.size(); i++) {
			this.replicators.get(i).close(RESIDUAL_SYNC);
			this.entries.get(i).client().close();
		}
		this.workers.close();
	}

	@Override
	public List<ReplicatedDatabase> databases() {
		return List.copyOf(this.replicators);
	}

	@Override
	public @Nullable ReplicatedDatabase database(String name) {
		for (Replicator replicator : this.replicators) {
			if (replicator.name().equals(name)) {
				return replicator;
			}
		}
		return null;
	}

	@Override
	public @Nullable ReplicatedDatabase database(Path path) {
		Path real = real(path);
		for (Replicator replicator : this.replicators) {
			if (real(replicator.path()).equals(real)) {
				return replicator;
			}
		}
		return null;
	}

	/** A path with symbolic links resolved as far as it exists. */
	private static Path real(Path path) {
		Path absolute = path.toAbsolutePath().normalize();
		try {
			return absolute.toRealPath();
		}
		catch (IOException ex) {
			Path parent = absolute.getParent();
			return (parent != null) ? real(parent).resolve(absolute.getFileName()) : absolute;
		}
	}

	private record Entry(DatabaseOptions options, ReplicaClient client) {

	}

	/** Collects databases and their replicas. Not safe for several threads. */
	public static final class Builder {

		private final List<Entry> entries = new ArrayList<>();

		private final List<ReplicationListener> listeners = new ArrayList<>();

		/**
		 * Adds a database.
		 * @param options how it is replicated
		 * @param client where to; owned and closed by the engine
		 * @return this builder
		 */
		public Builder database(DatabaseOptions options, ReplicaClient client) {
			this.entries.add(new Entry(options, client));
			return this;
		}

		/**
		 * Adds a listener.
		 * @param listener told of what happens
		 * @return this builder
		 */
		public Builder listener(ReplicationListener listener) {
			this.listeners.add(listener);
			return this;
		}

		/**
		 * Builds the engine. Touches neither disk nor network.
		 * @return the engine
		 * @throws LitestreamException if two databases share a name, a file or a replica
		 */
		public LitestreamEngine build() {
			for (int i = 0; i < this.entries.size(); i++) {
				for (int j = 0; j < i; j++) {
					requireDistinct(this.entries.get(j), this.entries.get(i));
				}
			}
			return new LitestreamEngine(List.copyOf(this.entries), List.copyOf(this.listeners));
		}

		private static void requireDistinct(Entry a, Entry b) {
			if (a.options().name().equals(b.options().name())) {
				throw new LitestreamException("Two databases are named '" + a.options().name()
						+ "'; give one of them another name (dbs[].name)");
			}
			if (real(a.options().path()).equals(real(b.options().path()))) {
				throw new LitestreamException("The database " + a.options().path()
						+ " is configured twice (dbs[].path); remove one of the entries");
			}
			if (a.client().location().equals(b.client().location())) {
				throw new LitestreamException("The databases '" + a.options().name() + "' and '" + b.options().name()
						+ "' would both write to " + a.client().location()
						+ "; give each its own bucket or its own replica.path");
			}
		}

	}

}
