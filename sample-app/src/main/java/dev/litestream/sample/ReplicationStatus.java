package dev.litestream.sample;

import java.time.Instant;
import java.util.List;

import dev.litestream.DatabaseStatus;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the page shows of the replication, first in its HTML and then, every second, as
 * JSON. Works without replication, too: then there are no databases.
 */
@RestController
class ReplicationStatus {

	private final ObjectProvider<Litestream> litestream;

	ReplicationStatus(ObjectProvider<Litestream> litestream) {
		this.litestream = litestream;
	}

	@GetMapping("/replication")
	List<Database> databases() {
		Litestream litestream = this.litestream.getIfAvailable();
		return (litestream != null)
				? litestream.databases().stream().map(ReplicatedDatabase::status).map(Database::of).toList()
				: List.of();
	}

	/**
	 * One database, ready to be shown.
	 *
	 * @param name its name
	 * @param replica where it is replicated to
	 * @param state what replication is doing
	 * @param label the state in words
	 * @param summary what that means for the commits
	 * @param tone how to colour it: {@code good}, {@code busy} or {@code bad}
	 * @param inSync whether the replica has every commit
	 * @param txid the newest local position
	 * @param replicatedTxid the newest position the replica has acknowledged
	 * @param lagMillis how long the oldest commit has been waiting, in milliseconds
	 * @param lastSync when everything was last replicated, or {@code null}
	 * @param lastError the last failure, or {@code null}
	 * @param lastErrorAt when it happened, or {@code null}
	 * @param resyncs how often the history could not simply be continued
	 * @param lastResync why it last could not, or {@code null}
	 * @param objects LTX files sent since the start
	 */
	record Database(String name, String replica, ReplicationState state, String label, String summary, String tone,
			boolean inSync, String txid, String replicatedTxid, long lagMillis, @Nullable Instant lastSync,
			@Nullable String lastError, @Nullable Instant lastErrorAt, long resyncs, @Nullable String lastResync,
			long objects) {

		static Database of(DatabaseStatus status) {
			DatabaseStatus.Counters counters = status.counters();
			boolean inSync = status.inSync();
			return new Database(status.name(), status.replica(), status.state(), label(status.state()), summary(status),
					tone(status.state()), inSync, status.txid().toString(), status.replicatedTxid().toString(),
					status.lag().toMillis(), status.lastSync(), status.lastError(), status.lastErrorAt(),
					counters.resyncs(), (counters.lastResync() != null) ? counters.lastResync().explanation() : null,
					counters.objects());
		}

		private static String label(ReplicationState state) {
			return switch (state) {
				case STOPPED -> "Stopped";
				case WAITING_FOR_DATABASE -> "Waiting for the database";
				case STARTING -> "Starting";
				case REPLICATING -> "Replicating";
				case REPLICA_UNAVAILABLE -> "Replica unavailable, retrying";
				case FAILED -> "Failed";
			};
		}

		private static String summary(DatabaseStatus status) {
			return switch (status.state()) {
				case STOPPED, FAILED -> "Commits are not replicated";
				case REPLICA_UNAVAILABLE -> "Commits are kept here until it answers";
				case WAITING_FOR_DATABASE, STARTING, REPLICATING ->
					status.inSync() ? "The replica has every commit" : "Commits are on their way";
			};
		}

		private static String tone(ReplicationState state) {
			return switch (state) {
				case REPLICATING -> "good";
				case STARTING, WAITING_FOR_DATABASE -> "busy";
				case STOPPED, REPLICA_UNAVAILABLE, FAILED -> "bad";
			};
		}

	}

}
