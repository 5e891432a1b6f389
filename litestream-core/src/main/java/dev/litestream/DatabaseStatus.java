package dev.litestream;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

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
 * @param lastSync when a sync last ended with everything at the replica and the replica
 * reachable, or {@code null}
 * @param lastError the last failure in a sentence, or {@code null} once a sync has
 * succeeded after it
 * @param lastErrorAt when that failure happened, or {@code null}
 * @param counters what has been counted since the start
 * @param verification the results of verifying the backup
 * @param condition what is known about the storage behind the replica
 * @param levels what compactions, snapshots and retention have done since the start
 */
public record DatabaseStatus(String name, Path path, String replica, ReplicationState state, Txid txid,
		Txid replicatedTxid, Duration lag, @Nullable Instant lastSync, @Nullable String lastError,
		@Nullable Instant lastErrorAt, Counters counters, VerificationStatus verification, ReplicaCondition condition,
		Levels levels) {

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
	 * @param resyncsByReason the resyncs by reason; reasons that did not occur are left
	 * out
	 */
	public record Counters(long syncs, long syncErrors, long syncNanos, long walBytes, long objects, long objectBytes,
			long uploadErrors, long checkpoints, long checkpointErrors, long checkpointNanos, long resyncs,
			@Nullable ResyncReason lastResync, long databaseBytes, long walSize, long spoolBytes,
			Map<ResyncReason, Long> resyncsByReason) {

		/**
		 * Keeps a copy of the map.
		 */
		public Counters {
			resyncsByReason = Map.copyOf(resyncsByReason);
		}

		/**
		 * Resyncs for one reason.
		 * @param reason the reason
		 * @return how many there were
		 */
		public long resyncs(ResyncReason reason) {
			return this.resyncsByReason.getOrDefault(reason, 0L);
		}

	}

	/**
	 * The same with other results of verifying the backup.
	 * @param verification the results
	 * @return a new status
	 */
	public DatabaseStatus withVerification(VerificationStatus verification) {
		return new DatabaseStatus(this.name, this.path, this.replica, this.state, this.txid, this.replicatedTxid,
				this.lag, this.lastSync, this.lastError, this.lastErrorAt, this.counters, verification, this.condition,
				this.levels);
	}

	/**
	 * Compactions, snapshots and retention since the start of the engine.
	 *
	 * @param levels one entry per level in use, ascending: 0, the compactions, 9
	 * @param verifyErrors files that, when read back, differed from what had been written
	 * @param rawEligible files of level 0 deleted by the last round that deleted files
	 * @param rawNotCompacted files of level 0 that it kept because level 1 lacks them
	 * @param rawTooRecent files of level 0 that it kept because they are young or the
	 * newest
	 */
	public record Levels(List<Level> levels, long verifyErrors, long rawEligible, long rawNotCompacted,
			long rawTooRecent) {

		/** Nothing yet. */
		public static final Levels NONE = new Levels(List.of(), 0, 0, 0, 0);

	}

	/**
	 * One level.
	 *
	 * @param level 1 to 8 for compactions, 9 for snapshots; 0 is only deleted from
	 * @param files files written into this level by a compaction or as a snapshot, each
	 * read back and verified
	 * @param bytes bytes of these files
	 * @param errors compactions, snapshots or deletes of this level that failed
	 * @param deletes files deleted from this level
	 * @param lastError the last failure in a sentence, or {@code null} once it succeeded
	 * after it
	 */
	public record Level(int level, long files, long bytes, long errors, long deletes, @Nullable String lastError) {

	}

	/**
	 * Whether all local commits seen so far are acknowledged by the replica.
	 * @return whether nothing waits
	 */
	public boolean inSync() {
		return !this.txid.isZero() && this.txid.equals(this.replicatedTxid) && this.lag.isZero();
	}

}
