package dev.litestream.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabasePath;
import dev.litestream.DirectoryOptions;
import dev.litestream.engine.ConflictingDatabasesException.Claim;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * The directories of this machine that databases write to: spools and file replicas.
 * Refuses a directory that two would write to, whatever links lead there, and two
 * directories of databases that have a file in common. Guarded by the {@link Registry}.
 */
final class WrittenPlaces {

	private static final String FILE_SCHEME = "file://";

	private final Map<Path, Claim> places = new HashMap<>();

	private final List<Directory> directories = new ArrayList<>();

	/** Claims the spool and the replica of a database, or neither. */
	void claim(DatabaseOptions options, ReplicaClient client) {
		Path spool = DatabasePath.resolve(options.metaPath());
		requireFree(spool, new Claim(options, "meta-path"));
		Path replica = directoryOf(client.location());
		if (replica == null) {
			this.places.put(spool, new Claim(options, "meta-path"));
			return;
		}
		Claim claim = new Claim(options, "replica");
		requireFree(replica, claim);
		if (replica.equals(spool)) {
			throw taken(replica, claim, new Claim(options, "meta-path"));
		}
		this.places.put(spool, new Claim(options, "meta-path"));
		this.places.put(replica, claim);
	}

	/**
	 * Claims a directory of databases, with the location below which all of them are
	 * replicated, or {@code null} if there is none. {@code databases} are those that are
	 * configured one by one.
	 */
	void claim(DirectoryOptions options, @Nullable String replica, List<Registration> databases) {
		Directory added = new Directory(options, DatabasePath.resolve(options.directory()));
		Claim claim = new Claim(options, "dir");
		for (Registration database : databases) {
			if (added.contains(DatabasePath.resolve(database.options().path()))) {
				throw new ConflictingDatabasesException(new Claim(database.options(), "path"), "names a database that ",
						claim, " replicates already",
						"Remove this entry, or choose a pattern that does not match the file.");
			}
		}
		for (Directory directory : this.directories) {
			if (directory.overlaps(added)) {
				throw new ConflictingDatabasesException(claim, "and ", new Claim(directory.options(), "dir"),
						" have the same files",
						"Remove one of the entries, or give them patterns that never match the same file.");
			}
		}
		Path place = (replica != null) ? directoryOf(replica) : null;
		if (place != null) {
			requireFree(place, new Claim(options, "replica"));
			this.places.put(place, new Claim(options, "replica"));
		}
		this.directories.add(added);
	}

	void release(DatabaseOptions options, ReplicaClient client) {
		this.places.remove(DatabasePath.resolve(options.metaPath()), new Claim(options, "meta-path"));
		Path replica = directoryOf(client.location());
		if (replica != null) {
			this.places.remove(replica, new Claim(options, "replica"));
		}
	}

	private void requireFree(Path place, Claim claim) {
		Claim other = this.places.get(place);
		if (other != null) {
			throw taken(place, claim, other);
		}
	}

	private static ConflictingDatabasesException taken(Path place, Claim claim, Claim other) {
		return new ConflictingDatabasesException(claim, "is the directory " + place + ", which ", other,
				" writes to already", "Give each database its own replica and its own meta-path.");
	}

	private static @Nullable Path directoryOf(String location) {
		return location.startsWith(FILE_SCHEME)
				? DatabasePath.resolve(Path.of(location.substring(FILE_SCHEME.length()))) : null;
	}

	private record Directory(DirectoryOptions options, Path path) {

		boolean contains(Path file) {
			return file.getFileName() != null && reaches(file.getParent())
					&& this.options.matcher().matches(file.getFileName());
		}

		boolean overlaps(Directory other) {
			return this.options.pattern().equals(other.options.pattern())
					&& (reaches(other.path) || other.reaches(this.path));
		}

		private boolean reaches(Path directory) {
			return this.path.equals(directory) || (this.options.recursive() && directory.startsWith(this.path));
		}

	}

}
