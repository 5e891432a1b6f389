package dev.litestream.restore;

import java.io.IOException;

import dev.litestream.RestoreResult;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * Restores a database file from a replica. Safe for use by several threads.
 */
public final class Restorer {

	/**
	 * Restores.
	 * @param client the replica, opened
	 * @param options what and how
	 * @param digests receives each page in order as it is written, or {@code null}
	 * @return what was restored
	 * @throws NoBackupException if the replica holds no file at all
	 * @throws IOException if the target cannot be reached or the output cannot be written
	 */
	public RestoreResult restore(ReplicaClient client, RestoreOptions options, @Nullable PageSink digests)
			throws IOException {
		throw new UnsupportedOperationException();
	}

	/** Receives every page of a restored database, in ascending order. */
	@FunctionalInterface
	public interface PageSink {

		/**
		 * One page as it was written.
		 * @param pgno the page number
		 * @param page holds the page at its start; valid during the call only
		 * @param pageSize the page's length, in bytes
		 * @throws IOException if the page cannot be taken
		 */
		void page(long pgno, byte[] page, int pageSize) throws IOException;

	}

}
