package dev.litestream.spring.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import dev.litestream.DatabaseStatus;
import dev.litestream.Durability;
import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreResult;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * Everything that is known about one database.
 *
 * @param summary what the list shows of it
 * @param startupRestore what was restored when the application started, or {@code null}
 * @param counters what has been counted since the start
 * @param levels what became of the replica's files since the start
 * @param verification what is known from verifying the backup
 * @param durability what the replica's acknowledgements are worth, or {@code null} if
 * unknown
 * @param findings what an operator should know about the storage, worst first
 * @param usage what the replica holds, or {@code null} if unknown
 */
public record DatabaseDescriptor(DatabaseSummary summary, @Nullable Restored startupRestore,
		DatabaseStatus.Counters counters, List<DatabaseStatus.Level> levels, Verification verification,
		@Nullable Durability durability, List<ReplicaFinding> findings,
		@Nullable Map<String, Object> usage) implements OperationResponseBody {

	static DatabaseDescriptor of(ReplicatedDatabase database, @Nullable Map<String, Object> usage) {
		DatabaseStatus status = database.status();
		return new DatabaseDescriptor(DatabaseSummary.of(database), Restored.of(database.startupRestore()),
				status.counters(), status.levels().levels(), Verification.of(status.verification()),
				status.condition().durability(), status.condition().findings(), usage);
	}

	/**
	 * A database in a list.
	 *
	 * @param path the database file
	 * @param replica where it is replicated to, without user information
	 * @param replicaType the kind of replica
	 * @param state what replication is doing
	 * @param txid the newest local position
	 * @param replicatedTxid the newest position that the replica has acknowledged
	 * @param inSync whether nothing waits for the replica
	 * @param lag how long the oldest commit that is not replicated has been waiting
	 * @param lastSync when a sync last ended with everything replicated, or {@code null}
	 * @param lastError the last failure in a sentence, or {@code null}
	 * @param lastErrorAt when that failure happened, or {@code null}
	 */
	public record DatabaseSummary(String path, String replica, String replicaType, ReplicationState state, String txid,
			String replicatedTxid, boolean inSync, Duration lag, @Nullable Instant lastSync, @Nullable String lastError,
			@Nullable Instant lastErrorAt) {

		static DatabaseSummary of(ReplicatedDatabase database) {
			DatabaseStatus status = database.status();
			return new DatabaseSummary(status.path().toString(), status.replica(), database.replicaType(),
					status.state(), status.txid().toString(), status.replicatedTxid().toString(), status.inSync(),
					status.lag(), status.lastSync(), status.lastError(), status.lastErrorAt());
		}

	}

	/**
	 * What was restored.
	 *
	 * @param txid the position
	 * @param timestamp when that position was written
	 * @param files how many LTX files were read
	 * @param bytesRead how many bytes they hold
	 * @param took how long it took
	 */
	public record Restored(String txid, Instant timestamp, int files, long bytesRead, Duration took) {

		static @Nullable Restored of(@Nullable RestoreResult result) {
			return (result != null) ? new Restored(result.txid().toString(), result.timestamp(), result.files(),
					result.bytesRead(), result.took()) : null;
		}

	}

	/**
	 * What is known from verifying the backup.
	 *
	 * @param verifiedTxid the last position that was proved to restore, or {@code null}
	 * @param verifiedAt when that was proved, or {@code null}
	 * @param failure what was found wrong and not put right since, or {@code null}
	 * @param failedAt when that was found, or {@code null}
	 * @param verified verifications that proved their point
	 * @param failed verifications that failed
	 * @param skipped verifications that could not be carried out
	 */
	public record Verification(@Nullable String verifiedTxid, @Nullable Instant verifiedAt, @Nullable String failure,
			@Nullable Instant failedAt, long verified, long failed, long skipped) {

		static Verification of(VerificationStatus status) {
			VerificationResult proved = status.lastVerified();
			VerificationResult failure = status.failure();
			return new Verification((proved != null && proved.txid() != null) ? proved.txid().toString() : null,
					(proved != null) ? proved.at() : null, (failure != null) ? failure.detail() : null,
					(failure != null) ? failure.at() : null, status.verified(), status.failed(), status.skipped());
		}

	}

}
