package dev.litestream;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * A database could not be restored at start-up. The start-up has to fail: going on with
 * an empty database would replace the backup with nothing.
 */
public class RestoreFailedException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	private final String database;

	private final String replica;

	/**
	 * Reports a failed restore.
	 * @param database the database's name
	 * @param path the database file
	 * @param replica the replica's location, without user information
	 * @param cause what failed
	 */
	public RestoreFailedException(String database, Path path, String replica, Throwable cause) {
		super("The database " + path + " could not be restored from " + replica + ": " + cause.getMessage()
				+ ". Correct this and start again, or set litestream.restore.on-startup=never to start with"
				+ " an empty database", cause);
		this.database = database;
		this.replica = replica;
	}

	/**
	 * Reports a failed restore to another file.
	 * @param database the database's name
	 * @param replica the replica's location, without user information
	 * @param message what failed, in a sentence that names the cure
	 * @param cause what failed, or {@code null}
	 */
	public RestoreFailedException(String database, String replica, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.database = database;
		this.replica = replica;
	}

	/**
	 * Which database.
	 * @return its name
	 */
	public String database() {
		return this.database;
	}

	/**
	 * Where from.
	 * @return the replica's location, without user information
	 */
	public String replica() {
		return this.replica;
	}

}
