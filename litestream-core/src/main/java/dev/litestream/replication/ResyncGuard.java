package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.DatabaseOptions;
import dev.litestream.ResyncReason;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.DatabaseHeader;
import org.jspecify.annotations.Nullable;

/**
 * Knows what is remembered of a database, and makes of it what judges the database before
 * a resync ({@link Continuation}).
 */
final class ResyncGuard {

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final Identity identity;

	ResyncGuard(DatabaseOptions options, ReplicaClient client, Identity identity) {
		this.options = options;
		this.client = client;
		this.identity = identity;
	}

	/** Whether the database is the file last replicated, or null if unknown. */
	@Nullable Boolean sameFile() throws IOException {
		String before = this.identity.database();
		return (before != null) ? before.equals(DatabaseFile.identity(this.options.path())) : null;
	}

	/**
	 * Refuses by what the spool says alone.
	 * @param fault why: what follows "the database"
	 * @throws DatabaseMismatchException unless it is to be taken nevertheless
	 */
	void spoolMismatch(String fault) {
		judge(null, null).mismatch(fault);
	}

	/**
	 * Refuses a file of which nothing is remembered and that is far smaller than what the
	 * replica holds, without reading that: most likely it was created before the restore.
	 * @param newest the header of the replica's newest file
	 * @param wal the WAL
	 * @throws DatabaseMismatchException unless it is to be taken nevertheless
	 * @throws IOException if the memory cannot be read
	 */
	void requireNoShrink(LtxHeader newest, Path wal) throws IOException {
		if (sameFile() != null) {
			return;
		}
		long bytes = this.options.path().toFile().length() + wal.toFile().length();
		long known = newest.commit() * newest.pageSize();
		if (bytes < known / 2) {
			spoolMismatch("is not known to be the continuation of what " + this.client.location()
					+ " holds: it is not remembered which file was replicated before, and it has " + bytes
					+ " bytes instead of " + known + ". It may have been created before it could be restored");
		}
	}

	/**
	 * What judges the database before a resync.
	 * @param reason why there is one
	 * @param laterWal whether the WAL shows that it is the same database
	 * @param known the first page's header in the replica's state, or {@code null}
	 * @return the judge
	 * @throws IOException if the memory cannot be read
	 */
	Continuation continuation(ResyncReason reason, boolean laterWal, @Nullable DatabaseHeader known)
			throws IOException {
		Boolean sameFile = (laterWal || reason == ResyncReason.RESTORED) ? Boolean.TRUE : sameFile();
		if (reason == ResyncReason.FRAME_MISMATCH && Boolean.TRUE.equals(sameFile)) {
			// A WAL of the same salts is of the same database, which has lost its last
			// commits with the power.
			return judge(sameFile, null);
		}
		return judge(sameFile, known);
	}

	private Continuation judge(@Nullable Boolean sameFile, @Nullable DatabaseHeader known) {
		return new Continuation(this.options.name(), this.options.path().toString(), this.client.location(),
				this.options.onMismatch(), sameFile, known);
	}

}
