package dev.litestream;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What is known about one database's replication, at one moment. Holds no secrets.
 *
 * @param name the database's name
 * @param path the database file
 * @param replica where it is replicated to, without user information
 * @param state what replication is doing
 * @param txid the newest local position
 * @param replicatedTxid the newest position that the replica has acknowledged
 * @param lag how long the oldest commit that is not replicated has been waiting; zero
 * when all is replicated
 * @param lastSync when a sync last ended with everything replicated, or {@code null}
 * @param lastError the last failure in a sentence, or {@code null} once a sync has
 * succeeded after it
 * @param lastErrorAt when that failure happened, or {@code null}
 * @param counters what has been counted since the start
 * @param verification what is known from verifying the backup
 * @param condition what is known about the storage behind the replica
 */
public record DatabaseStatus(String name, Path path, String replica, ReplicationState state, Txid txid,
		Txid replicatedTxid, Duration lag, @Nullable Instant lastSync, @Nullable String lastError,
		@Nullable Instant lastErrorAt, Counters counters, VerificationStatus verification, ReplicaCondition condition) {

	/**
	 * Counters and sizes of one database since the start of the engine.
	 *
	 * @param syncs syncs that looked for new frames
	 * @param syncErrors syncs that failed
	 * @param syncNanos time spent in syncs, in nanoseconds
	 * @param walBytes bytes of the WAL turned into LTX files
	 * @param objects LTX files acknowledged by the replica
	 * @param objectBytes bytes of these files
	 * @param uploadErrors uploads that failed
	 * @param checkpoints checkpoints that ran
	 * @param checkpointErrors checkpoints that failed
	 * @param checkpointNanos time spent in checkpoints, in nanoseconds
	 * @param resyncs syncs that could not continue from the last position
	 * @param lastResync why the last of them happened, or {@code null}
	 * @param databaseBytes size of the database, in bytes
	 * @param walSize logical size of the WAL, in bytes
	 * @param spoolBytes bytes kept locally that the replica has not acknowledged
	 */
	public record Counters(long syncs, long syncErrors, long syncNanos, long walBytes, long objects, long objectBytes,
			long uploadErrors, long checkpoints, long checkpointErrors, long checkpointNanos, long resyncs,
			@Nullable ResyncReason lastResync, long databaseBytes, long walSize, long spoolBytes) {

	}

	/**
	 * The same with what is known from verifying the backup.
	 * @param verification what is known
	 * @return a new status
	 */
	public DatabaseStatus withVerification(VerificationStatus verification) {
		return new DatabaseStatus(this.name, this.path, this.replica, this.state, this.txid, this.replicatedTxid,
				this.lag, this.lastSync, this.lastError, this.lastErrorAt, this.counters, verification, this.condition);
	}

	/**
	 * Whether all local commits seen so far are acknowledged by the replica.
	 * @return whether nothing waits
	 */
	public boolean inSync() {
		return !this.txid.isZero() && this.txid.equals(this.replicatedTxid) && this.lag.isZero();
	}

}
