package dev.litestream.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabasePath;
import dev.litestream.DirectoryOptions;
import dev.litestream.engine.ConflictingDatabasesException.Claim;
import dev.litestream.replica.LegacyBackup;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * The places that databases write to: spools and file replicas, which are directories of
 * this machine, and replicas elsewhere. Refuses a directory that two would write to,
 * whatever links lead there, a replica or spool among the files of another one, and two
 * directories of databases that have a file in common. Guarded by the {@link Registry}.
 *
 * <p>
 * The files of {@code a} are {@code a/ltx/...}, and those of Litestream 0.3, for which is
 * looked there, {@code a/generations/<16 hex digits>/...}. A replica at {@code a/ltx/0}
 * is one that deletes them, or is deleted with them; {@code a/b} beside them is fine.
 */
final class WrittenPlaces {

	private static final String FILE_SCHEME = "file://";

	private static final String LEVELS = "ltx";

	private final Map<Path, Claim> places = new HashMap<>();

	/** All places, those that are no directories of this machine too, as text. */
	private final NavigableMap<String, Claim> names = new TreeMap<>();

	private final List<Directory> directories = new ArrayList<>();

	/** Claims the spool and the replica of a database, or neither. */
	void claim(DatabaseOptions options, ReplicaClient client) {
		Path spool = DatabasePath.resolve(options.metaPath());
		Claim spoolClaim = new Claim(options, "meta-path");
		requireFree(spool, spoolClaim);
		Path replica = directoryOf(client.location());
		Claim claim = new Claim(options, "replica");
		if (replica != null) {
			requireFree(replica, claim);
			if (replica.equals(spool)) {
				throw taken(replica, claim, spoolClaim);
			}
		}
		String spoolName = name(spool);
		String replicaName = nameOf(client);
		requireApart(spoolName, spoolClaim);
		requireApart(replicaName, claim);
		requireApart(replicaName, claim, spoolName, spoolClaim);
		requireApart(spoolName, spoolClaim, replicaName, claim);
		this.places.put(spool, spoolClaim);
		this.names.put(spoolName, spoolClaim);
		this.names.put(replicaName, claim);
		if (replica != null) {
			this.places.put(replica, claim);
		}
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
			requireOutsideOfOthers(name(place), new Claim(options, "replica"));
			this.places.put(place, new Claim(options, "replica"));
		}
		this.directories.add(added);
	}

	void release(DatabaseOptions options, ReplicaClient client) {
		Path spool = DatabasePath.resolve(options.metaPath());
		this.places.remove(spool, new Claim(options, "meta-path"));
		this.names.remove(name(spool), new Claim(options, "meta-path"));
		Path replica = directoryOf(client.location());
		if (replica != null) {
			this.places.remove(replica, new Claim(options, "replica"));
		}
		this.names.remove(nameOf(client), new Claim(options, "replica"));
	}

	private void requireFree(Path place, Claim claim) {
		Claim other = this.places.get(place);
		if (other != null) {
			throw taken(place, claim, other);
		}
	}

	private void requireApart(String place, Claim claim) {
		requireOutsideOfOthers(place, claim);
		// '0' is the character after '/'
		this.names.subMap(place + "/", place + "0").forEach((inner, held) -> requireApart(inner, held, place, claim));
	}

	private void requireOutsideOfOthers(String place, Claim claim) {
		for (int slash = place.indexOf('/'); slash >= 0; slash = place.indexOf('/', slash + 1)) {
			String outer = place.substring(0, slash);
			Claim held = this.names.get(outer);
			if (held != null) {
				requireApart(place, claim, outer, held);
			}
		}
	}

	private static void requireApart(String inner, Claim claim, String outer, Claim other) {
		String below = inner.startsWith(outer + "/") ? inner.substring(outer.length() + 1) : "";
		if (below.equals(LEVELS) || below.startsWith(LEVELS + "/") || LegacyBackup.isNameOf(below)) {
			throw new ConflictingDatabasesException(claim, "lies at '" + below + "' below ", other,
					", among its files: what cleans up one would delete the other",
					"Choose another place for one of them; one below the other's may not begin with '" + LEVELS + "'.");
		}
	}

	private static String nameOf(ReplicaClient client) {
		Path directory = directoryOf(client.location());
		return (directory != null) ? name(directory) : client.place();
	}

	private static String name(Path directory) {
		return FILE_SCHEME + directory.toString().replace('\\', '/');
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
