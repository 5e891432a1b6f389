package dev.litestream;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One database and its replica. Thread-safe.
 */
public interface ReplicatedDatabase {

	/**
	 * The database's name: its configured name, else its file name.
	 * @return the name, unique within the engine
	 */
	String name();

	/**
	 * The database file, absolute, symbolic links resolved where it exists.
	 * @return the path
	 */
	Path path();

	/**
	 * What replication is doing now. Never blocks on the network or the disk.
	 * @return a snapshot of the state
	 */
	DatabaseStatus status();

	/**
	 * How much the replica holds, as of the last time that somebody asked. Never blocks:
	 * if that was some time ago, the figures are renewed in the background for the next
	 * call. As long as nobody asks, this costs nothing.
	 * @return the usage, or {@code null} if this kind of replica does not report it
	 */
	default @Nullable ReplicaUsage replicaUsage() {
		return null;
	}

	/**
	 * The requests made of the replica since the engine was built.
	 * @return one entry for each kind of operation
	 */
	default List<ReplicaOperation> replicaOperations() {
		return List.of();
	}

	/**
	 * The kind of replica, as in configuration: {@code file}, {@code nats}.
	 * @return the type
	 */
	default String replicaType() {
		return "unknown";
	}

	/**
	 * The restore that ran before the application opened the database.
	 * @return the result, or {@code null} if nothing was restored
	 */
	default @Nullable RestoreResult startupRestore() {
		return null;
	}

	/**
	 * Syncs everything committed before this call and waits until the replica has
	 * acknowledged it.
	 * @param timeout the longest time to wait
	 * @return whether everything was replicated in time
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	boolean sync(Duration timeout) throws InterruptedException;

	/**
	 * Waits until the replica has acknowledged a position, without forcing a sync.
	 * @param txid the position to wait for
	 * @param timeout the longest time to wait
	 * @return whether the position was replicated in time
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	boolean awaitReplicated(Txid txid, Duration timeout) throws InterruptedException;

	/**
	 * Syncs everything committed before this call, waits until the replica has
	 * acknowledged it, and writes the newest position to the replica as a snapshot, a
	 * file of level 9 from which it is restored by itself. If the replica already has a
	 * snapshot of that position, nothing is written. The snapshot is read back and
	 * verified.
	 * @param timeout the longest time to wait until it begins
	 * @return the snapshot
	 * @throws LitestreamException if the database is not being replicated, not everything
	 * was replicated in time, or the snapshot failed; the message says which
	 * @throws InterruptedException if the thread was interrupted while waiting
	 */
	SnapshotResult snapshot(Duration timeout) throws InterruptedException;

	/**
	 * Lists the files that the replica holds now.
	 * @return the files of all levels, ascending by level and TXID
	 * @throws LitestreamException if the replica cannot be listed
	 */
	List<LtxFile> ltxFiles();

	/**
	 * Says which points can be restored, from a new listing of the replica: the ends of
	 * its files, of which there are fewer the older they are.
	 * @return the points, none if there is no backup
	 * @throws LitestreamException if the replica cannot be listed
	 */
	RestorePoints restorePoints();

	/**
	 * Restores to another file while replication goes on.
	 * <ul>
	 * <li>A TXID is restored exactly or not at all: it has to be one of the
	 * {@link #restorePoints() points}. Otherwise the message names the nearest points
	 * before and after it.</li>
	 * <li>For an instant, the newest point before it is restored
	 * ({@link RestoreTarget#before}) or the newest not after it
	 * ({@link RestoreTarget#notAfter}). The result names that TXID and when it was
	 * written. The older the state, the further that may lie from the instant.</li>
	 * </ul>
	 * @param file the file to create, never one that exists, nor a replicated database
	 * @param target the point to restore
	 * @return what was restored
	 * @throws RestoreFailedException if it could not be restored; its cause says why
	 */
	RestoreResult restoreTo(Path file, RestoreTarget target);

	/**
	 * Verifies the backup now, as happens every {@code verification.interval}: restores
	 * the newest state to a temporary file, runs SQLite's integrity check and compares
	 * every page with the live database at the same TXID. Waits its turn: one database is
	 * verified at a time. The result is also in the {@link #status()}.
	 * @return what was found
	 * @throws LitestreamException if the engine has been closed
	 * @throws InterruptedException if the thread was interrupted while waiting; the
	 * verification ends then
	 */
	VerificationResult verify() throws InterruptedException;

	/**
	 * Verifies that a point can be restored, as {@link #verify()} does. Only the latest
	 * state is compared with the live database.
	 * @param target the point to restore
	 * @return what was found
	 * @throws LitestreamException if the engine has been closed
	 * @throws InterruptedException if the thread was interrupted while waiting; the
	 * verification ends then
	 */
	VerificationResult verify(RestoreTarget target) throws InterruptedException;

	/**
	 * Decides that the database is right, after a verification has found that the backup
	 * can be restored but differs from the database. Until this is decided neither
	 * replaces the other, verifications of the newest state fail, and no snapshot is
	 * deleted. The whole database is sent to the replica again; this method does not wait
	 * for that. If the backup is right, restore it instead.
	 * @return whether there was something to decide
	 */
	default boolean acceptDatabase() {
		return false;
	}

	/**
	 * Prepares a physical connection of the application to this database: WAL mode, no
	 * automatic checkpoints, a {@code busy_timeout} if none is set, and a listener that
	 * signals commits to the replicator. Preparing a connection twice does nothing.
	 * @param connection a connection that unwraps to sqlite-jdbc's
	 * @throws SQLException if the connection refuses a setting
	 */
	void prepare(Connection connection) throws SQLException;

	/**
	 * Tells the replicator that something may have been committed. Cheap; spurious calls
	 * do no harm.
	 */
	void signalCommit();

}
