package dev.litestream.engine;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import dev.litestream.DatabaseOptions;
import dev.litestream.DirectoryOptions;
import dev.litestream.Litestream;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.RestoreResult;
import dev.litestream.Setting;
import dev.litestream.replica.CountingReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Replicator;
import dev.litestream.threads.Workers;
import dev.litestream.verification.BackupVerifier;
import dev.litestream.verification.VerificationThread;
import org.jspecify.annotations.Nullable;

/**
 * Replicates databases: opens, wires and closes the parts in order. Create it with
 * {@link #builder()}, then {@link #restore()} before anything opens a database,
 * {@link #start()}, {@link #stop()} (may be started again) and finally {@link #close()}.
 * Thread-safe.
 */
public final class LitestreamEngine implements Litestream, AutoCloseable {

	/**
	 * The longest time for commits between {@link #stop()} and {@link #close()}.
	 */
	private static final Duration RESIDUAL_SYNC = Duration.ofSeconds(5);

	/** How many databases' levels are worked on at the same time. */
	private static final int MAINTENANCE_AT_ONCE = 2;

	/** How many databases are waited for at the same time when all stop. */
	private static final int STOPS_AT_ONCE = 16;

	private final Registry registry = new Registry();

	private final List<DirectoryDatabases> directories = new ArrayList<>();

	private final Listeners listeners;

	private final VerificationThread verifications = new VerificationThread();

	private final Workers workers = new Workers();

	private final Executor maintenance = this.workers.lane(MAINTENANCE_AT_ONCE);

	private final AtOnce stops = new AtOnce(this.workers.lane(STOPS_AT_ONCE), STOPS_AT_ONCE);

	/**
	 * Held to read while a database comes or goes, to write while all start or stop.
	 */
	private final ReadWriteLock lifecycle = new ReentrantReadWriteLock(true);

	private final @Nullable LagWatch lagWatch;

	private @Nullable Runnable lagTicks;

	private volatile boolean running;

	private volatile boolean closed;

	private LitestreamEngine(Builder builder) {
		this.listeners = new Listeners(builder.listeners);
		this.lagWatch = (builder.maxLag != null) ? new LagWatch(builder.maxLag, this.listeners) : null;
		builder.entries.forEach((entry) -> {
			Registration registration = registration(entry.options(), entry.client());
			this.registry.claim(registration);
			this.registry.show(registration);
		});
		builder.directories.forEach((directory) -> {
			this.registry.claim(directory.options(), directory.databases().location());
			this.directories
				.add(new DirectoryDatabases(directory.options(), directory.databases(), this, this.workers));
		});
	}

	private Registration registration(DatabaseOptions options, ReplicaClient replica) {
		CountingReplicaClient client = new CountingReplicaClient(replica);
		Clock clock = Clock.systemUTC();
		Replicator replicator = new Replicator(options, client, this.listeners, this.workers, this.maintenance, clock);
		BackupVerifier verifier = new BackupVerifier(options, replicator, client, this.listeners, this.verifications,
				clock);
		return new Registration(options, client, replicator,
				new EngineDatabase(replicator, client, verifier, this.listeners, this.registry::owns));
	}

	/**
	 * Begins an engine.
	 * @return a builder without databases
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Waits for the replicas that the start depends on, restores the databases that ask
	 * for it, and looks for those in directories. To be called before anything opens
	 * them. Afterwards each one's directory exists: SQLite can create the database there.
	 * @return one result for each restored database, except for those in directories
	 * @throws LitestreamException if a restore failed, the application must not start
	 * because of a replica, or a directory cannot be used
	 */
	public List<RestoreResult> restore() {
		List<RestoreResult> results = new ArrayList<>();
		for (Registration registration : this.registry.all()) {
			RestoreResult result = restore(registration);
			if (result != null) {
				results.add(result);
			}
		}
		this.directories.forEach(DirectoryDatabases::find);
		return results;
	}

	private @Nullable RestoreResult restore(Registration registration) {
		if (!this.running) {
			new StartupCheck(registration.options(), registration.client()).run();
		}
		RestoreResult result = new StartupRestore(registration.options(), registration.client(), this.listeners,
				registration.replicator()::claim)
			.run();
		if (result != null) {
			registration.database().restored(result);
			this.listeners.onEvent(new ReplicationEvent.DatabaseRestored(registration.options().name(), result));
		}
		return result;
	}

	/**
	 * Replicates another database from now on, or from {@link #start()} on. Restores it
	 * first if its options ask for that: if its file is missing, nothing may have opened
	 * it yet.
	 * @param options how it is replicated
	 * @param client where to; owned and closed by the engine unless this fails
	 * @return the database
	 * @throws LitestreamException if it shares a name, a file or a replica with another
	 * one, if the restore failed, if it cannot be replicated, or if the engine is closed
	 */
	public ReplicatedDatabase register(DatabaseOptions options, ReplicaClient client) {
		Registration registration = registration(options, client);
		this.registry.claim(registration);
		boolean done = false;
		try {
			restore(registration);
			add(registration);
			done = true;
		}
		finally {
			if (!done) {
				registration.replicator().close(Duration.ZERO);
				this.registry.release(registration);
			}
		}
		this.listeners.onEvent(new ReplicationEvent.DatabaseRegistered(registration.database()));
		return registration.database();
	}

	private void add(Registration registration) {
		this.lifecycle.readLock().lock();
		boolean done = false;
		try {
			if (this.closed) {
				throw new LitestreamException("The database '" + registration.options().name()
						+ "' cannot be registered: replication has ended because the application stops");
			}
			if (this.running) {
				registration.start();
			}
			this.registry.show(registration);
			done = true;
		}
		finally {
			if (!done) {
				registration.replicator().close(Duration.ZERO);
			}
			this.lifecycle.readLock().unlock();
		}
	}

	@Override
	public boolean unregister(String name, Duration timeout) {
		long start = System.nanoTime();
		Registration registration;
		boolean done;
		this.lifecycle.readLock().lock();
		try {
			registration = this.registry.hide(name);
			if (registration == null) {
				throw new LitestreamException("No database is named '" + name + "'; see Litestream.databases()");
			}
			try {
				done = registration.stop(timeout);
				registration.close(left(timeout, start));
			}
			finally {
				this.registry.release(registration);
			}
		}
		finally {
			this.lifecycle.readLock().unlock();
		}
		this.listeners.onEvent(new ReplicationEvent.DatabaseUnregistered(registration.database()));
		return done;
	}

	/**
	 * The file of a database in an event: one of {@link #databases()}, or one that is
	 * just being registered or unregistered. Thread-safe.
	 * @param name the database's name
	 * @return its path, absolute, or {@code null} if there is none of that name
	 */
	public @Nullable Path pathOf(String name) {
		Registration registration = this.registry.claimed(name);
		return (registration != null) ? registration.options().path() : null;
	}

	@Override
	public void addListener(ReplicationListener listener) {
		this.listeners.add(listener);
	}

	/**
	 * Starts replicating. Does not wait for the replica. Does nothing if started.
	 * @throws LitestreamException if a database cannot be replicated by this engine
	 */
	public void start() {
		this.lifecycle.writeLock().lock();
		try {
			if (this.running || this.closed) {
				return;
			}
			this.running = true;
			this.registry.all().forEach(Registration::start);
			watchLag();
		}
		finally {
			this.lifecycle.writeLock().unlock();
		}
		this.directories.forEach(DirectoryDatabases::start);
	}

	private void watchLag() {
		LagWatch watch = this.lagWatch;
		if (watch != null) {
			this.lagTicks = this.workers.tick(watch.interval(), () -> watch.look(databases()));
		}
	}

	/**
	 * Syncs all commits, waits for the replica within each database's
	 * {@code shutdownSyncTimeout}, and stops. Logs failures instead of throwing them.
	 * Does nothing if stopped.
	 */
	public void stop() {
		stop(null);
	}

	/**
	 * Stops as {@link #stop()} does, but waits no longer than a limit for replicas.
	 * @param limit the longest time to wait, or {@code null} for each database's own
	 */
	public void stop(@Nullable Duration limit) {
		this.directories.forEach(DirectoryDatabases::stop);
		this.lifecycle.writeLock().lock();
		try {
			if (this.running) {
				this.running = false;
				if (this.lagTicks != null) {
					this.lagTicks.run();
				}
				stop(this.registry.all(), limit);
			}
		}
		finally {
			this.lifecycle.writeLock().unlock();
		}
	}

	/** Many wait for their replicas at the same time, each within its limit. */
	private void stop(List<Registration> registrations, @Nullable Duration limit) {
		long start = System.nanoTime();
		registrations.forEach((registration) -> registration.replicator().prepareStop());
		this.stops.forEach(registrations, (registration) -> {
			Duration timeout = registration.options().shutdownSyncTimeout();
			registration.stop(left((limit != null && limit.compareTo(timeout) < 0) ? limit : timeout, start));
		});
	}

	/**
	 * Syncs all databases and waits for their replicas as {@link #stop()} does, without
	 * stopping: the outcome is known while it can still be reported.
	 * @return whether everything that was committed before this call is replicated
	 */
	public boolean syncAll() {
		long start = System.nanoTime();
		AtomicBoolean all = new AtomicBoolean(true);
		this.stops.forEach(this.registry.all(), (registration) -> {
			if (!registration.sync(left(registration.options().shutdownSyncTimeout(), start))) {
				all.set(false);
			}
		});
		return all.get();
	}

	private static Duration left(Duration timeout, long start) {
		Duration left = timeout.minusNanos(System.nanoTime() - start);
		return left.isNegative() ? Duration.ZERO : left;
	}

	public boolean isRunning() {
		return this.running;
	}

	/**
	 * Stops if running, with a short final sync for commits since {@link #stop()}, and
	 * releases locks, connections and clients. To be called after the application has
	 * closed its connections: then the WAL stays for the next start.
	 */
	@Override
	public void close() {
		try {
			stop();
		}
		finally {
			closeAll();
		}
	}

	private void closeAll() {
		this.lifecycle.writeLock().lock();
		try {
			if (this.closed) {
				return;
			}
			this.closed = true;
			this.verifications.close();
			long start = System.nanoTime();
			new AtOnce(Runnable::run, 1).forEach(this.registry.all(),
					(registration) -> registration.end(left(RESIDUAL_SYNC, start)));
		}
		finally {
			this.workers.close();
			this.lifecycle.writeLock().unlock();
		}
	}

	@Override
	public List<ReplicatedDatabase> databases() {
		return this.registry.all().stream().<ReplicatedDatabase>map(Registration::database).toList();
	}

	@Override
	public @Nullable ReplicatedDatabase database(String name) {
		Registration registration = this.registry.named(name);
		return (registration != null) ? registration.database() : null;
	}

	@Override
	public @Nullable ReplicatedDatabase database(Path path) {
		Registration registration = this.registry.at(path);
		return (registration != null) ? registration.database() : null;
	}

	private record Entry(DatabaseOptions options, ReplicaClient client) {

	}

	private record Directory(DirectoryOptions options, FoundDatabases databases) {

	}

	/** Collects databases and their replicas. Not thread-safe. */
	public static final class Builder {

		private final List<Entry> entries = new ArrayList<>();

		private final List<Directory> directories = new ArrayList<>();

		private final List<ReplicationListener> listeners = new ArrayList<>();

		private @Nullable Duration maxLag;

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
		 * Adds all databases in a directory.
		 * @param options which files
		 * @param databases how each is replicated
		 * @return this builder
		 */
		public Builder directory(DirectoryOptions options, FoundDatabases databases) {
			this.directories.add(new Directory(options, databases));
			return this;
		}

		/**
		 * Adds a listener.
		 * @param listener receives the events
		 * @return this builder
		 */
		public Builder listener(ReplicationListener listener) {
			this.listeners.add(listener);
			return this;
		}

		/**
		 * Tells listeners when a commit waits for its replica longer than this.
		 * @param maxLag the limit, greater than 0
		 * @return this builder
		 */
		public Builder maxLag(Duration maxLag) {
			this.maxLag = new Setting("litestream.health.max-lag").requirePositive(maxLag);
			return this;
		}

		/**
		 * Builds the engine. Touches neither disk nor network.
		 * @return the engine
		 * @throws ConflictingDatabasesException if two databases share a name, a file, a
		 * spool or a replica
		 */
		public LitestreamEngine build() {
			return new LitestreamEngine(this);
		}

	}

}
