package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabasePath;
import dev.litestream.DirectoryOptions;
import dev.litestream.engine.ConflictingDatabasesException.Claim;
import dev.litestream.sqlite.DatabaseFile;
import org.jspecify.annotations.Nullable;

/**
 * The databases of an engine. Each has exclusive use of a name, a file, a spool and a
 * replica from before it is restored until after it is closed; others see it in between.
 * Thread-safe.
 */
final class Registry {

	private static final List<String> SUFFIXES = List.of("", "-wal", "-shm", "-journal");

	private final Map<String, Registration> names = new HashMap<>();

	private final Map<Path, Registration> files = new HashMap<>();

	/** By the key of the file, whatever its names. */
	private final Map<Object, Registration> keys = new HashMap<>();

	private final Map<String, Registration> replicas = new HashMap<>();

	private final WrittenPlaces places = new WrittenPlaces();

	private final Map<String, Registration> visible = new LinkedHashMap<>();

	/**
	 * Claims a database's name, file, spool and replica, or none of them. Throws
	 * {@link ConflictingDatabasesException} if another database has one of them.
	 */
	synchronized void claim(Registration registration) {
		DatabaseOptions options = registration.options();
		String location = registration.client().location();
		requireFree(this.files.get(registration.realPath()), options, "path",
				"names a database that is replicated already, see also ", "Configure each database once.");
		Object key = key(registration.realPath());
		Registration twin = (key != null) ? this.keys.get(key) : null;
		if (twin != null && Objects.equals(key, key(twin.realPath()))) {
			requireFree(twin, options, "path",
					"is another name (a hard link) of " + twin.options().path()
							+ ", which is replicated already: each name"
							+ " has its own WAL, and opening both damages the database; see also ",
					"Remove one of the names and its entry.");
		}
		requireFree(this.names.get(options.name()), options, "name",
				"is '" + options.name() + "', the name of two databases, see also ",
				"Give one of them another name; without a name the file name counts.");
		requireFree(this.replicas.get(location), options, "replica",
				"is " + location + ", the replica of two databases, see also ",
				"Give each database its own bucket, directory or litestream.dbs[].replica.path.");
		this.places.claim(options, registration.client());
		this.names.put(options.name(), registration);
		this.files.put(registration.realPath(), registration);
		this.replicas.put(location, registration);
		if (key != null) {
			this.keys.put(key, registration);
		}
	}

	private static void requireFree(@Nullable Registration other, DatabaseOptions options, String setting,
			String problem, String cure) {
		if (other != null) {
			throw new ConflictingDatabasesException(new Claim(options, setting), problem,
					new Claim(other.options(), setting), "", cure);
		}
	}

	/**
	 * Claims the databases of a directory, with the location below which all of them are
	 * replicated, or {@code null}. Throws {@link ConflictingDatabasesException} if
	 * another entry has one of them.
	 */
	synchronized void claim(DirectoryOptions options, @Nullable String replica) {
		this.places.claim(options, replica, List.copyOf(this.names.values()));
	}

	/** The key of the file, or {@code null} if there is no file. */
	private static @Nullable Object key(Path file) {
		try {
			return DatabaseFile.key(file);
		}
		catch (IOException ex) {
			return null;
		}
	}

	/**
	 * Releases the claims of a database.
	 */
	synchronized void release(Registration registration) {
		String name = registration.options().name();
		this.visible.remove(name, registration);
		this.names.remove(name, registration);
		this.files.remove(registration.realPath(), registration);
		this.replicas.remove(registration.client().location(), registration);
		this.keys.values().remove(registration);
		this.places.release(registration.options(), registration.client());
	}

	synchronized void show(Registration registration) {
		this.visible.put(registration.options().name(), registration);
	}

	/**
	 * Hides a database from others; it keeps its claims. Returns {@code null} if no
	 * database of that name is visible.
	 */
	synchronized @Nullable Registration hide(String name) {
		return this.visible.remove(name);
	}

	/** The visible databases, in the order in which they came. */
	synchronized List<Registration> all() {
		return List.copyOf(this.visible.values());
	}

	synchronized @Nullable Registration named(String name) {
		return this.visible.get(name);
	}

	/**
	 * Whether a file belongs to one of the databases and nobody else may write it: its
	 * database file, one that SQLite keeps beside it, which need not exist now, or one of
	 * the local spool.
	 */
	boolean owns(Path file) {
		Path real = DatabasePath.resolve(file);
		String name = String.valueOf(real.getFileName());
		for (Registration registration : all()) {
			Path database = registration.realPath();
			boolean beside = real.getParent() != null && real.getParent().equals(database.getParent());
			for (String suffix : SUFFIXES) {
				if (beside && name.equals(database.getFileName() + suffix)) {
					return true;
				}
			}
			if (real.startsWith(DatabasePath.resolve(registration.options().metaPath()))) {
				return true;
			}
		}
		return at(file) != null;
	}

	/** A database, from the claim of its name to the release. */
	synchronized @Nullable Registration claimed(String name) {
		return this.names.get(name);
	}

	@Nullable Registration at(Path path) {
		Path real = DatabasePath.resolve(path);
		Collection<Registration> candidates;
		synchronized (this) {
			Registration known = this.files.get(real);
			if (known != null) {
				return (this.visible.get(known.options().name()) == known) ? known : null;
			}
			candidates = new ArrayList<>(this.visible.values());
		}
		for (Registration candidate : candidates) {
			// A directory on its path may have become a link since then.
			if (DatabasePath.resolve(candidate.options().path()).equals(real)) {
				return candidate;
			}
		}
		return mounted(real);
	}

	/** The database whose directory is also mounted in another place. */
	private @Nullable Registration mounted(Path real) {
		Object key = key(real);
		Registration candidate;
		synchronized (this) {
			candidate = (key != null) ? this.keys.get(key) : null;
			if (candidate == null || this.visible.get(candidate.options().name()) != candidate) {
				return null;
			}
		}
		Path known = candidate.realPath();
		boolean same = known.getFileName().equals(real.getFileName()) && Objects.equals(key, key(known))
				&& Objects.equals(key(real.getParent()), key(known.getParent()));
		return same ? candidate : null;
	}

}
