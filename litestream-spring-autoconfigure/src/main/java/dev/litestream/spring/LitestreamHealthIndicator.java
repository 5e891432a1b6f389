package dev.litestream.spring;

import java.time.Duration;

import dev.litestream.DatabaseStatus;
import dev.litestream.Durability;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicaUsage;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * {@link HealthIndicator} of one replicated database.
 * <ul>
 * <li>{@code UP}: commits are being replicated and none has waited longer than the
 * allowed lag.</li>
 * <li>{@code UNKNOWN}: the database does not exist yet or the first sync has not reached
 * the replica.</li>
 * <li>{@code OUT_OF_SERVICE}: replication was stopped.</li>
 * <li>{@code DOWN}: the replica cannot be reached or refuses, replication has stopped for
 * good, a commit has waited longer than the allowed lag, the last verification found that
 * the backup does not restore, or the storage behind the replica puts backups in
 * danger.</li>
 * <li>another that can be chosen, {@code DOWN} unless it is: no commit waits, and the
 * connection to the replica is lost, so that the next one would.</li>
 * </ul>
 */
public class LitestreamHealthIndicator extends AbstractHealthIndicator {

	private final ReplicatedDatabase database;

	private final Duration maxLag;

	private final Status disconnected;

	/**
	 * Creates an indicator.
	 * @param database the database to watch
	 * @param maxLag how long a commit may wait for the replica until the database counts
	 * as down
	 */
	public LitestreamHealthIndicator(ReplicatedDatabase database, Duration maxLag) {
		this(database, maxLag, Status.DOWN);
	}

	/**
	 * Creates an indicator that judges a lost connection otherwise.
	 * @param database the database to watch
	 * @param maxLag how long a commit may wait for the replica until the database counts
	 * as down
	 * @param disconnected the status while no commit waits and the connection to the
	 * replica is lost
	 */
	public LitestreamHealthIndicator(ReplicatedDatabase database, Duration maxLag, Status disconnected) {
		super("Litestream health check failed");
		this.database = database;
		this.maxLag = maxLag;
		this.disconnected = disconnected;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		DatabaseStatus status = this.database.status();
		ReplicaUsage usage = this.database.replicaUsage();
		ReplicaUsage.Connection connection = (usage != null) ? usage.connection() : null;
		builder.status(health(status, connection));
		builder.withDetail("state", status.state());
		withDetailIfPresent(builder, "txid", status.txid().digits());
		withDetailIfPresent(builder, "replicatedTxid", status.replicatedTxid().digits());
		builder.withDetail("lag", status.lag());
		builder.withDetail("replica", status.replica());
		if (connection != null) {
			builder.withDetail("connected", connection.isConnected());
		}
		withDetailIfPresent(builder, "lastSync", status.lastSync());
		withDetailIfPresent(builder, "lastError", status.lastError());
		withDetailIfPresent(builder, "lastErrorAt", status.lastErrorAt());
		addVerification(builder, status.verification());
		withDetailIfPresent(builder, "usage", UsageDetails.of(usage));
		if (exceedsMaxLag(status)) {
			builder.withDetail("maxLag", this.maxLag);
		}
		withCondition(builder, status.condition());
	}

	private void withCondition(Health.Builder builder, ReplicaCondition condition) {
		Durability durability = condition.durability();
		if (durability != null) {
			builder.withDetail("durability", durability);
			builder.withDetail("survives", durability.survives());
		}
		if (!condition.findings().isEmpty()) {
			builder.withDetail("findings", condition.findings().stream().map(ReplicaFinding::message).toList());
		}
	}

	private Status health(DatabaseStatus status, ReplicaUsage.@Nullable Connection connection) {
		ReplicationState state = status.state();
		return switch (state) {
			case STOPPED -> Status.OUT_OF_SERVICE;
			case WAITING_FOR_DATABASE, STARTING -> exceedsMaxLag(status) ? Status.DOWN : Status.UNKNOWN;
			case REPLICATING -> isInDanger(status) ? Status.DOWN
					: (connection == null || connection.isConnected()) ? Status.UP : this.disconnected;
			case REPLICA_UNAVAILABLE -> (isDisconnected(connection) && status.inSync() && !isInDanger(status))
					? this.disconnected : Status.DOWN;
			case FAILED -> Status.DOWN;
		};
	}

	private static boolean isDisconnected(ReplicaUsage.@Nullable Connection connection) {
		return connection != null && !connection.isConnected();
	}

	private void addVerification(Health.Builder builder, VerificationStatus verification) {
		VerificationResult proved = verification.lastVerified();
		if (proved != null) {
			withDetailIfPresent(builder, "verifiedTxid", (proved.txid() != null) ? proved.txid().toString() : null);
			builder.withDetail("verifiedAt", proved.at());
			builder.withDetail("verificationDetail", proved.detail());
		}
		VerificationResult failure = verification.failure();
		if (failure != null) {
			builder.withDetail("verificationFailure", failure.detail());
			builder.withDetail("verificationFailedAt", failure.at());
		}
	}

	private boolean isInDanger(DatabaseStatus status) {
		return exceedsMaxLag(status) || status.verification().failure() != null || status.condition().hasErrors();
	}

	private boolean exceedsMaxLag(DatabaseStatus status) {
		return status.lag().compareTo(this.maxLag) > 0;
	}

	private void withDetailIfPresent(Health.Builder builder, String key, @Nullable Object value) {
		if (value != null) {
			builder.withDetail(key, value);
		}
	}

}
