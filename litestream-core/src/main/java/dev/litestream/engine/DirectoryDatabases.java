package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

import dev.litestream.DatabaseOptions;
import dev.litestream.DirectoryOptions;
import dev.litestream.LitestreamException;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.threads.Workers;
import dev.litestream.sqlite.DatabaseCheck;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the databases in a directory, and those that appear later; unregisters those
 * whose file vanishes. A vanished file cannot be read any more: commits that were synced
 * before still go to the replica, and stay there.
 */
final class DirectoryDatabases {

	private static final Logger logger = LoggerFactory.getLogger(DirectoryDatabases.class);

	/** Vanished databases that wait for their replicas at the same time. */
	private static final int ENDING = 8;

	private final DirectoryOptions options;

	private final FoundDatabases databases;

	private final LitestreamEngine engine;

	private final Workers workers;

	private final Executor ending;

	private final DirectoryListing listing;

	private final Map<Path, Registered> registered = new ConcurrentHashMap<>();

	/** Files that are not databases, as they were when they were examined. */
	private final Map<Path, Seen> others = new HashMap<>();

	/** Files that are still empty, or could not be registered, and why. */
	private final Map<Path, String> pending = new ConcurrentHashMap<>();

	private boolean found;

	private @Nullable Runnable ticks;

	private @Nullable String lastFailure;

	DirectoryDatabases(DirectoryOptions options, FoundDatabases databases, LitestreamEngine engine, Workers workers) {
		this.options = options;
		this.databases = databases;
		this.engine = engine;
		this.workers = workers;
		this.ending = workers.lane(ENDING);
		this.listing = new DirectoryListing(options);
	}

	/**
	 * Registers the databases that are there, once. Throws {@link LitestreamException} if
	 * the directory cannot be read, one of its databases cannot be registered, or there
	 * is none and the directory is not watched.
	 */
	synchronized void find() {
		if (this.found) {
			return;
		}
		try {
			this.listing.refresh();
			for (Path file : this.listing.files().stream().sorted().toList()) {
				Seen seen = Seen.of(file);
				if (seen != null && isDatabase(file, seen)) {
					register(file, seen);
				}
				else if (seen != null) {
					this.pending.put(file, "");
				}
			}
		}
		catch (IOException | SQLException ex) {
			throw new LitestreamException(
					"The databases in " + this.options.directory() + " cannot be found (litestream.dbs[].dir): " + ex
							+ "; let this user read the directory and its files",
					ex);
		}
		if (this.registered.isEmpty() && !this.options.watch()) {
			throw new LitestreamException("No database in " + this.options.directory() + " matches '"
					+ this.options.pattern()
					+ "' (litestream.dbs[].dir, litestream.dbs[].pattern); correct them, or set litestream.dbs[].watch to wait for the first one");
		}
		this.found = true;
	}

	synchronized void start() {
		find();
		if (this.options.watch() && this.ticks == null) {
			this.ticks = this.workers.tick(this.options.interval(), this::look);
		}
	}

	void stop() {
		Runnable ticks;
		synchronized (this) {
			ticks = this.ticks;
			this.ticks = null;
		}
		if (ticks != null) {
			ticks.run();
		}
	}

	private synchronized void look() {
		if (this.ticks == null) {
			return;
		}
		try {
			Set<Path> pending = Set.copyOf(this.pending.keySet());
			if (this.listing.refresh()) {
				Set<Path> files = this.listing.files();
				unregisterVanished(files);
				this.others.keySet().retainAll(files);
				this.pending.keySet().retainAll(files);
				files.forEach(this::look);
			}
			else {
				pending.forEach(this::look);
			}
			this.lastFailure = null;
		}
		catch (IOException ex) {
			failed("The directory " + this.options.directory() + " cannot be read: " + ex);
		}
	}

	private void look(Path file) {
		Seen seen = this.registered.containsKey(file) ? null : Seen.of(file);
		if (seen == null || seen.equals(this.others.get(file))) {
			return;
		}
		String problem = "";
		try {
			if (isDatabase(file, seen)) {
				register(file, seen);
				this.pending.remove(file);
				return;
			}
			if (seen.size() > 0) {
				this.others.put(file, seen);
				this.pending.remove(file);
				return;
			}
		}
		catch (SQLException | RuntimeException ex) {
			problem = String.valueOf(ex.getMessage());
		}
		if (!problem.equals(this.pending.put(file, problem)) && !problem.isEmpty()) {
			logger.error("The database {} is NOT replicated; this is tried again: {}", file, problem);
		}
	}

	private void unregisterVanished(Set<Path> files) {
		for (Map.Entry<Path, Registered> entry : this.registered.entrySet()) {
			Registered registered = entry.getValue();
			Seen seen = files.contains(entry.getKey()) ? Seen.of(entry.getKey()) : null;
			if (!registered.ending() && (seen == null || !seen.isSameFileAs(registered.seen()))) {
				// Until it has ended, no other file can have its name.
				this.registered.put(entry.getKey(), registered.end());
				this.ending.execute(() -> unregister(entry.getKey(), registered.options()));
			}
		}
	}

	private void unregister(Path file, DatabaseOptions options) {
		try {
			if (this.engine.database(options.name()) != null) {
				this.engine.unregister(options.name(), options.shutdownSyncTimeout());
			}
		}
		catch (RuntimeException ex) {
			logger.warn("The database {} was not unregistered", file, ex);
		}
		finally {
			this.registered.remove(file);
			// Another file may have its name by now.
			this.pending.put(file, "");
		}
	}

	private boolean isDatabase(Path file, Seen seen) throws SQLException {
		return seen.size() > 0 && DatabaseCheck.isDatabase(file);
	}

	private void register(Path file, Seen seen) {
		Path relative = this.options.directory().relativize(file);
		DatabaseOptions options = this.databases.options(file, relative);
		ReplicaClient client = this.databases.client(relative);
		boolean done = false;
		try {
			this.engine.register(options, client);
			this.registered.put(file, new Registered(options, seen, false));
			done = true;
		}
		finally {
			if (!done) {
				client.close();
			}
		}
	}

	private void failed(String failure) {
		if (!failure.equals(this.lastFailure)) {
			this.lastFailure = failure;
			logger.warn("{}; known databases are still replicated", failure);
		}
	}

	/**
	 * A registered database: how it is replicated, its file, and whether the file has
	 * vanished and its last commits go to the replica.
	 */
	private record Registered(DatabaseOptions options, Seen seen, boolean ending) {

		Registered end() {
			return new Registered(this.options, this.seen, true);
		}

	}

	/**
	 * What can be seen of a file without opening it: a key that distinguishes it from
	 * another file of its name, its size in bytes, and when it was changed.
	 */
	private record Seen(@Nullable Object key, long size, FileTime modified) {

		static @Nullable Seen of(Path file) {
			try {
				BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class,
						LinkOption.NOFOLLOW_LINKS);
				return attributes.isRegularFile()
						? new Seen(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime()) : null;
			}
			catch (IOException ex) {
				return null;
			}
		}

		boolean isSameFileAs(Seen other) {
			return Objects.equals(this.key, other.key);
		}

	}

}
