package dev.litestream.sample;

import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;

import dev.litestream.DatabaseStatus;
import dev.litestream.Durability;
import dev.litestream.ReplicaUsage;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreResult;
import dev.litestream.ResyncReason;
import dev.litestream.VerificationResult;
import org.jspecify.annotations.Nullable;

/**
 * One database, ready to be shown. {@code tone} is its colour: {@code good}, {@code busy}
 * or {@code bad}. Positions are {@code null} while they are not known.
 */
record DatabaseView(String name, String replica, ReplicationState state, boolean connected, String tone, boolean inSync,
		@Nullable String txid, @Nullable String replicatedTxid, long lagMillis, @Nullable String lastError, Text text) {

	static DatabaseView of(ReplicatedDatabase database, Instant now) {
		DatabaseStatus status = database.status();
		boolean connected = isConnected(database.replicaUsage());
		return new DatabaseView(status.name(), status.replica(), status.state(), connected,
				tone(status.state(), connected), status.inSync(), status.txid().digits(),
				status.replicatedTxid().digits(), status.lag().toMillis(), status.lastError(),
				Text.of(status, connected, database.startupRestore(), now));
	}

	/** A replica without a connection, such as a directory, is where it is. */
	private static boolean isConnected(@Nullable ReplicaUsage usage) {
		return usage == null || usage.connection() == null || "CONNECTED".equals(usage.connection().state());
	}

	private static String tone(ReplicationState state, boolean connected) {
		return switch (state) {
			case REPLICATING -> connected ? "good" : "bad";
			case STARTING, WAITING_FOR_DATABASE -> "busy";
			case STOPPED, REPLICA_UNAVAILABLE, FAILED -> "bad";
		};
	}

	/** The texts of the page, by the names of its fields. Empty texts are not shown. */
	record Text(String label, String summary, String position, String lag, String lastSync, String origin,
			String survives, String proof, String sent, String resyncs, String error) {

		static Text of(DatabaseStatus status, boolean connected, @Nullable RestoreResult restored, Instant now) {
			DatabaseStatus.Counters counters = status.counters();
			return new Text(label(status.state(), connected), summary(status, connected), position(status),
					status.lag().isZero() ? "none" : HumanTime.of(status.lag()),
					(status.lastSync() != null) ? HumanTime.ago(status.lastSync(), now) : "not yet",
					origin(restored, counters.resyncs(ResyncReason.FIRST_SYNC) > 0),
					survives(status.condition().durability()), proof(status.verification().lastVerified(), now),
					counters.objects() + " since the start",
					(counters.lastResync() != null && counters.lastResync() != ResyncReason.FIRST_SYNC)
							? counters.resyncs() + ", last because " + counters.lastResync().explanation() : "",
					(status.lastError() != null) ? status.lastError() : "");
		}

		private static String position(DatabaseStatus status) {
			if (status.replicatedTxid().isZero()) {
				return "not yet known";
			}
			return status.replicatedTxid().value() + " of " + status.txid().value();
		}

		private static String label(ReplicationState state, boolean connected) {
			return switch (state) {
				case STOPPED -> "Stopped";
				case WAITING_FOR_DATABASE -> "Waiting for the database";
				case STARTING -> "Starting";
				case REPLICATING -> connected ? "Replicating" : "The replica cannot be reached";
				case REPLICA_UNAVAILABLE -> "The replica cannot be reached";
				case FAILED -> "Failed";
			};
		}

		private static String summary(DatabaseStatus status, boolean connected) {
			boolean away = status.state() == ReplicationState.REPLICA_UNAVAILABLE || !connected;
			return switch (status.state()) {
				case STOPPED, FAILED -> "Commits are not replicated.";
				case WAITING_FOR_DATABASE, STARTING, REPLICATING, REPLICA_UNAVAILABLE -> {
					if (away) {
						yield status.inSync()
								? "It has every commit so far. The shop goes on; new ones are kept here until it is back."
								: "The shop goes on. Its commits are kept here until the replica is back.";
					}
					yield status.inSync() ? "Every commit is in " + status.replica() + "."
							: "Commits are on their way.";
				}
			};
		}

		private static String origin(@Nullable RestoreResult restored, boolean isNew) {
			if (restored != null) {
				return "Restored from the replica: no database was here. Position " + restored.txid().value() + " of "
						+ HumanTime.at(restored.timestamp()) + ", from " + restored.files()
						+ ((restored.files() == 1) ? " file of " : " files of ") + size(restored.bytesRead()) + ", in "
						+ HumanTime.of(restored.took()) + ".";
			}
			return isNew ? "It was new; its replica began with this start."
					: "It was here; nothing had to be restored.";
		}

		private static String survives(@Nullable Durability durability) {
			return (durability != null) ? durability.survives()
				.stream()
				.map((failure) -> failure.name().toLowerCase(Locale.ROOT).replace('_', ' '))
				.collect(Collectors.joining(", ")) : "";
		}

		private static String proof(@Nullable VerificationResult verified, Instant now) {
			return (verified != null) ? "Restored and compared " + HumanTime.ago(verified.at(), now)
					: "Not yet. It is restored and compared once a day.";
		}

		private static String size(long bytes) {
			return (bytes < 10_000_000) ? (bytes + 999) / 1000 + " kB" : bytes / 1_000_000 + " MB";
		}

	}

}
