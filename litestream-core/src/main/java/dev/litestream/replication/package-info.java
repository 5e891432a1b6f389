/**
 * The tasks of one database, from its commits to the replica. For the engine, not for
 * applications. {@link dev.litestream.replication.Replicator} starts and ends them.
 *
 * <h2>A commit, to the bucket</h2>
 * <ol>
 * <li>On the application's thread: the commit listener of
 * {@link dev.litestream.sqlite.PhysicalConnection} calls {@code Replicator.signalCommit},
 * which notes the time in {@link dev.litestream.capture.CommitSignals} and makes the sync
 * task due.</li>
 * <li>On a thread of the lane for syncs (first hand-over): {@code SyncLoop} asks whether
 * a file may be written now. {@link dev.litestream.capture.OpenDatabase#step} takes a
 * step of {@link dev.litestream.capture.Sync} under its monitor: WAL to LTX file, kept in
 * memory.</li>
 * <li>{@code Shipping}, the {@link dev.litestream.capture.Outlet}, queues the file in
 * {@code Upload} and makes the upload task due; the same thread stores the file in the
 * {@link dev.litestream.spool.Spool} meanwhile.</li>
 * <li>On a thread of the lane for uploads of this storage (second hand-over):
 * {@code UploadLoop} sends it by {@link dev.litestream.replica.ReplicaClient#write}. The
 * client returns when the storage has acknowledged it.</li>
 * <li>{@code Progress} moves to the position and wakes those who wait; the
 * {@code StateMachine} hears that the replica works;
 * {@link dev.litestream.continuity.KnownPages} counts the file.</li>
 * </ol>
 *
 * <h2>Who decides what</h2>
 * <ul>
 * <li>Whose is the database, and when is it opened? {@code Claim}.</li>
 * <li>What makes a task due that no commit has woken? {@code Tick}.</li>
 * <li>When may a file be written? {@code SyncLoop}.</li>
 * <li>Where does the history go on? {@code Reconciliation} asks
 * {@link dev.litestream.continuity}, and makes it go on there.</li>
 * <li>Is the replica still as we left it? {@code ReplicaWatch}.</li>
 * <li>When is the WAL checkpointed? {@code CheckpointLoop}.</li>
 * <li>When are levels compacted? {@code LevelLoop}.</li>
 * <li>Who waits for the replica, and how long? {@code Acknowledgement}.</li>
 * <li>What is done at the end? {@code FinalSync} sends what is left, {@code Closing}
 * leaves what the next start needs.</li>
 * <li>Which state is shown, and who may set {@code FAILED}? {@code StateMachine}, which
 * owns the {@code Standing}: all transitions are there.</li>
 * </ul>
 */
@NullMarked
package dev.litestream.replication;

import org.jspecify.annotations.NullMarked;
