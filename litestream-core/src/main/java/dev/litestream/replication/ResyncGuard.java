package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.DatabaseOptions;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Identity.Remembered;
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

	/** What is remembered of the database file. */
	Remembered remembered() throws IOException {
		return this.identity.remembered(this.options.path());
	}

	/**
	 * Refuses by what the spool says alone.
	 * @param fault why: what follows "the database"
	 * @throws DatabaseMismatchException unless it is to be taken nevertheless
	 */
	void spoolMismatch(String fault) {
		judge(Remembered.NOTHING, null).mismatch(fault);
	}

	/**
	 * Refuses a file that is not the one replicated before and that is far smaller than
	 * what the replica holds, without reading that: most likely it was created before the
	 * restore.
	 * @param newest the header of the replica's newest file
	 * @param wal the WAL
	 * @throws DatabaseMismatchException unless it is to be taken nevertheless
	 * @throws IOException if the memory cannot be read
	 */
	void requireNoShrink(LtxHeader newest, Path wal) throws IOException {
		Remembered remembered = remembered();
		if (remembered.isSame()) {
			return;
		}
		long bytes = this.options.path().toFile().length() + wal.toFile().length();
		long known = newest.commit() * newest.pageSize();
		if (bytes < known / 2) {
			spoolMismatch("is not known to be the continuation of what " + this.client.location() + " holds: it is "
					+ ((remembered == Remembered.ANOTHER) ? "another file than the one replicated before"
							: "not remembered which file was replicated before")
					+ ", and it has " + bytes + " bytes instead of " + known
					+ ". It may have been created before it could be restored");
		}
	}

	/**
	 * What judges the database before a resync.
	 * @param known the first page's header in the replica's state, or {@code null}
	 * @return the judge
	 * @throws IOException if the memory cannot be read
	 */
	Continuation continuation(@Nullable DatabaseHeader known) throws IOException {
		return judge(remembered(), known);
	}

	private Continuation judge(Remembered remembered, @Nullable DatabaseHeader known) {
		return new Continuation(this.options.name(), this.options.path().toString(), this.client.location(),
				this.options.onMismatch(), remembered, known);
	}

}
