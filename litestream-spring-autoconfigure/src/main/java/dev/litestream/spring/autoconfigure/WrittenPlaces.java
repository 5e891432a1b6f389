package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabasePath;
import dev.litestream.DirectoryOptions;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;

/**
 * The places of this machine that databases, spools and replicas write to. Refuses those
 * that two would write to, whatever links lead there, and names the properties that do.
 * Not safe for several threads.
 */
final class WrittenPlaces {

	private static final String FILE_SCHEME = "file://";

	private final Map<Path, PropertyKey> places = new HashMap<>();

	private final List<Database> databases = new ArrayList<>();

	private final List<Directory> directories = new ArrayList<>();

	/**
	 * Adds a database, with its spool and its replica.
	 * @param key the key of its entry
	 * @param options how it is replicated
	 * @param replicaKey the key of its replica
	 * @param client its replica
	 */
	void add(PropertyKey key, DatabaseOptions options, PropertyKey replicaKey, ReplicaClient client) {
		Path path = DatabasePath.resolve(options.path());
		for (Directory directory : this.directories) {
			if (directory.contains(path)) {
				throw key.child("path")
					.invalid("names a database that " + directory.key().name() + " replicates already",
							"Remove this entry, or choose a pattern that does not match the file.");
			}
		}
		this.databases.add(new Database(key.child("path"), path));
		take(key.child("meta-path"), DatabasePath.resolve(options.metaPath()));
		addReplica(replicaKey, client);
	}

	/**
	 * Adds the databases of a directory.
	 * @param key the key of its entry
	 * @param options which files
	 * @param replicaKey the key of their replica
	 * @param client where the replicas of all of them are
	 */
	void add(PropertyKey key, DirectoryOptions options, PropertyKey replicaKey, ReplicaClient client) {
		Directory added = new Directory(key.child("dir"), options, DatabasePath.resolve(options.directory()));
		for (Database database : this.databases) {
			if (added.contains(database.path())) {
				throw database.key()
					.invalid("names a database that " + added.key().name() + " replicates already",
							"Remove this entry, or choose a pattern that does not match the file.");
			}
		}
		for (Directory directory : this.directories) {
			if (directory.overlaps(added)) {
				throw added.key()
					.invalid("and " + directory.key().name() + " have the same files",
							"Remove one of the entries, or give them patterns of which no file matches both.");
			}
		}
		this.directories.add(added);
		addReplica(replicaKey, client);
	}

	private void addReplica(PropertyKey key, ReplicaClient client) {
		if (client instanceof FileReplicaClient) {
			take(key, DatabasePath.resolve(Path.of(client.location().substring(FILE_SCHEME.length()))));
		}
	}

	private void take(PropertyKey key, Path place) {
		PropertyKey other = this.places.putIfAbsent(place, key);
		if (other != null) {
			throw key.invalid("is the directory " + place + ", which " + other.name() + " writes to already",
					"Give each database a replica and a meta-path of its own.");
		}
	}

	private record Database(PropertyKey key, Path path) {

	}

	private record Directory(PropertyKey key, DirectoryOptions options, Path path) {

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
