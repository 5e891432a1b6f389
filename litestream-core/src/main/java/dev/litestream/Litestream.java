package dev.litestream;

import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The replicated databases of an application. Safe for use by several threads.
 */
public interface Litestream {

	/**
	 * All databases, in the order in which they were configured.
	 * @return the databases
	 */
	List<ReplicatedDatabase> databases();

	/**
	 * The database of that name.
	 * @param name the database's name
	 * @return the database, or {@code null}
	 */
	@Nullable ReplicatedDatabase database(String name);

	/**
	 * The database in that file.
	 * @param path the database file; compared by real path
	 * @return the database, or {@code null}
	 */
	@Nullable ReplicatedDatabase database(Path path);

}
