package dev.litestream;

import java.nio.file.Path;

/**
 * Another replicator is already working on a database: a second engine, in this process
 * or in another one.
 */
public class DatabaseInUseException extends LitestreamException {

	private static final long serialVersionUID = 1L;

	private final transient Path lock;

	private final boolean inThisProcess;

	/**
	 * Creates an exception.
	 * @param lock the file that the other replicator holds
	 * @param inThisProcess whether the other replicator runs in this process
	 */
	public DatabaseInUseException(Path lock, boolean inThisProcess) {
		super("Another replicator already works on this database (it holds " + lock
				+ "); run only one per database file");
		this.lock = lock;
		this.inThisProcess = inThisProcess;
	}

	/**
	 * The file that the other replicator holds, in the database's local spool.
	 * @return the file
	 */
	public Path lock() {
		return this.lock;
	}

	/**
	 * Whether the other replicator runs in this process.
	 * @return {@code false} if it is another process
	 */
	public boolean isInThisProcess() {
		return this.inThisProcess;
	}

}
