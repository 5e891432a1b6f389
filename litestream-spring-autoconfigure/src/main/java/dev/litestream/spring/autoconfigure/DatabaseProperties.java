package dev.litestream.spring.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.DeprecatedConfigurationProperty;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;

/**
 * Configuration properties of one database and its replica, or of all databases of a
 * directory: an element of {@code litestream.dbs}.
 */
@ConfigurationPropertiesSource
public class DatabaseProperties extends DatabaseSettings {

	/**
	 * Whether this database, or those of the directory, are restored and replicated.
	 */
	private boolean enabled = true;

	/**
	 * Database file, as in the JDBC URL. Relative paths start at the working directory.
	 */
	private @Nullable String path;

	/**
	 * Directory whose databases are all replicated, each to its own place below the
	 * replica. Instead of a path.
	 */
	private @Nullable String dir;

	/**
	 * Which files of the directory are databases, such as *.db. Required with a
	 * directory.
	 */
	private @Nullable String pattern;

	/**
	 * Whether to look into subdirectories too.
	 */
	private boolean recursive = false;

	/**
	 * Whether databases that appear in the directory later are replicated as well.
	 */
	private boolean watch = false;

	/**
	 * Name used in health, metrics and logs. Defaults to the file name. With a directory,
	 * prefix of the names of its databases.
	 */
	private @Nullable String name;

	/**
	 * Directory of the local spool. Defaults to a hidden directory beside the database.
	 */
	private @Nullable String metaPath;

	/**
	 * Replica, as older files of Litestream have it: a list of one. Instead of replica.
	 */
	private List<ReplicaProperties> replicas = new ArrayList<>();

	private @Nullable String entry;

	/** Below {@code litestream.dbs} it stands under this name, not in a list. */
	DatabaseProperties namedByItsKey(String entry) {
		this.entry = entry;
		if (this.name == null) {
			this.name = entry;
		}
		return this;
	}

	boolean isNamedByItsKey() {
		return this.entry != null;
	}

	/** What stands before its keys, if it is at this place in the list. */
	PropertyKey key(int index) {
		return (this.entry != null) ? new PropertyKey("litestream.dbs." + this.entry) : PropertyKey.ofDatabase(index);
	}

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable String getPath() {
		return this.path;
	}

	public void setPath(@Nullable String path) {
		this.path = path;
	}

	public @Nullable String getDir() {
		return this.dir;
	}

	public void setDir(@Nullable String dir) {
		this.dir = dir;
	}

	public @Nullable String getPattern() {
		return this.pattern;
	}

	public void setPattern(@Nullable String pattern) {
		this.pattern = pattern;
	}

	public boolean isRecursive() {
		return this.recursive;
	}

	public void setRecursive(boolean recursive) {
		this.recursive = recursive;
	}

	public boolean isWatch() {
		return this.watch;
	}

	public void setWatch(boolean watch) {
		this.watch = watch;
	}

	public @Nullable String getName() {
		return this.name;
	}

	public void setName(@Nullable String name) {
		this.name = name;
	}

	public @Nullable String getMetaPath() {
		return this.metaPath;
	}

	public void setMetaPath(@Nullable String metaPath) {
		this.metaPath = metaPath;
	}

	@DeprecatedConfigurationProperty(reason = "A name in Litestream's own file, which can be imported.",
			replacement = "litestream.dbs[].replica")
	public List<ReplicaProperties> getReplicas() {
		return this.replicas;
	}

	public void setReplicas(List<ReplicaProperties> replicas) {
		this.replicas = replicas;
	}

}
