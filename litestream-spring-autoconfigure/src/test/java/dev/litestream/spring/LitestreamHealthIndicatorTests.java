package dev.litestream.spring;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.litestream.DatabaseStatus;
import dev.litestream.Durability;
import dev.litestream.Durability.Failure;
import dev.litestream.LtxFile;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicaFinding.Severity;
import dev.litestream.ReplicaUsage;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.SnapshotResult;
import dev.litestream.Txid;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

class LitestreamHealthIndicatorTests {

	private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

	private static final Duration MAX_LAG = Duration.ofSeconds(30);

	@ParameterizedTest
	@EnumSource(value = ReplicationState.class, names = { "WAITING_FOR_DATABASE", "STARTING" })
	void unknownBeforeTheFirstSync(ReplicationState state) {
		Health health = health(status(state, Duration.ZERO, null, null));
		assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
		assertThat(health.getDetails()).containsEntry("state", state).doesNotContainKeys("lastSync", "lastError");
	}

	@Test
	void outOfServiceWhenStopped() {
		assertThat(health(status(ReplicationState.STOPPED, Duration.ZERO, NOW, null)).getStatus())
			.isEqualTo(Status.OUT_OF_SERVICE);
	}

	@Test
	void downWhenTheFirstSyncTakesTooLong() {
		assertThat(health(status(ReplicationState.STARTING, MAX_LAG.plusMillis(1), null, null)).getStatus())
			.isEqualTo(Status.DOWN);
	}

	@Test
	void upWhenReplicating() {
		Health health = health(status(ReplicationState.REPLICATING, Duration.ofMillis(5), NOW, null));
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsExactly(entry("state", ReplicationState.REPLICATING),
				entry("txid", "000000000000001f"), entry("replicatedTxid", "000000000000001e"),
				entry("lag", Duration.ofMillis(5)), entry("replica", "file:///backup"), entry("lastSync", NOW));
	}

	@Test
	void showsWhatTheReplicaHoldsAsFarAsItIsKnown() {
		ReplicaUsage.Connection connection = new ReplicaUsage.Connection("CONNECTED", "nats://nats1:4222", 2,
				Duration.ofMillis(3), 2);
		ReplicaUsage.Peer behind = new ReplicaUsage.Peer("n3", false, false, 17);
		ReplicaUsage usage = new ReplicaUsage(NOW, List.of(new ReplicaUsage.Level(3, 40), new ReplicaUsage.Level(1, 2)),
				new ReplicaUsage.Store(1000, 5000, 9, 3, "n1",
						List.of(new ReplicaUsage.Peer("n2", true, false, 0), behind), List.of("ltx/0/x")),
				connection, null);
		assertThat(details(usage)).containsExactly(entry("connection", "CONNECTED"),
				entry("server", "nats://nats1:4222"), entry("reconnects", 2L), entry("roundTrip", Duration.ofMillis(3)),
				entry("roundTripsPerCommit", 2), entry("asOf", NOW), entry("objects", 4L), entry("bytes", 42L),
				entry("storeBytes", 1000L), entry("storeLimit", 5000L), entry("copies", 3), entry("leader", "n1"),
				entry("behind", List.of(behind)), entry("phantoms", List.of("ltx/0/x")));
		assertThat(details(ReplicaUsage.unknown(connection).with(connection, "No answer")))
			.containsOnlyKeys("connection", "server", "reconnects", "roundTrip", "roundTripsPerCommit", "problem");
		assertThat(details(ReplicaUsage.unknown(null))).isNull();
		assertThat(details(null)).isNull();
		assertThat(UsageDetails.of(usage, NOW.plusSeconds(1000))).containsEntry("age", Duration.ofSeconds(1000));
	}

	private static @Nullable Map<String, Object> details(@Nullable ReplicaUsage usage) {
		return UsageDetails.of(usage, NOW.plusSeconds(100));
	}

	@Test
	void upAtTheLargestLag() {
		assertThat(health(status(ReplicationState.REPLICATING, MAX_LAG, NOW, null)).getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void downBeyondTheLargestLag() {
		Health health = health(status(ReplicationState.REPLICATING, MAX_LAG.plusMillis(1), NOW, null));
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsEntry("maxLag", MAX_LAG);
	}

	@ParameterizedTest
	@EnumSource(value = ReplicationState.class, names = { "REPLICA_UNAVAILABLE", "FAILED" })
	void downWithTheReasonWhenReplicaIsLost(ReplicationState state) {
		Health health = health(status(state, Duration.ZERO, NOW, "The server went away"));
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsEntry("lastError", "The server went away")
			.containsEntry("lastErrorAt", NOW);
	}

	@ParameterizedTest
	@EnumSource(value = ReplicationState.class, mode = Mode.EXCLUDE)
	void everyStateHasHealth(ReplicationState state) {
		assertThat(health(status(state, Duration.ZERO, NOW, null)).getStatus()).isIn(Status.UP, Status.UNKNOWN,
				Status.OUT_OF_SERVICE, Status.DOWN);
	}

	@Test
	void downWithTheReasonWhenTheBackupDoesNotRestore() {
		VerificationResult bad = verification(VerificationOutcome.FAILED, "The backup has a gap");
		VerificationResult good = verification(VerificationOutcome.VERIFIED, "Good");
		DatabaseStatus status = status(ReplicationState.REPLICATING, Duration.ZERO, NOW, null);
		Health health = health(status.withVerification(VerificationStatus.NONE.and(good).and(bad)));
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsEntry("verificationFailure", "The backup has a gap")
			.containsEntry("verificationFailedAt", NOW)
			.containsEntry("verifiedTxid", "0000000000000014")
			.containsEntry("verifiedAt", NOW);
	}

	@Test
	void upAfterAVerificationThatWasSkipped() {
		VerificationResult skipped = verification(VerificationOutcome.SKIPPED, "The disk is too full");
		DatabaseStatus status = status(ReplicationState.REPLICATING, Duration.ZERO, NOW, null);
		Health health = health(status.withVerification(VerificationStatus.NONE.and(skipped)));
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).doesNotContainKeys("verificationFailure", "verifiedTxid");
	}

	private static VerificationResult verification(VerificationOutcome outcome, String detail) {
		return new VerificationResult(outcome, true, new Txid(20), NOW, true, NOW, Duration.ofSeconds(1), detail);
	}

	private Health health(DatabaseStatus status) {
		return new LitestreamHealthIndicator(new FixedDatabase(status), MAX_LAG).health();
	}

	private DatabaseStatus status(ReplicationState state, Duration lag, @Nullable Instant lastSync,
			@Nullable String error) {
		return new DatabaseStatus("app", Path.of("app.db"), "file:///backup", state, new Txid(31), new Txid(30), lag,
				lastSync, error, (error != null) ? NOW : null,
				new DatabaseStatus.Counters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, 0, 0, 0, Map.of()),
				VerificationStatus.NONE, ReplicaCondition.UNKNOWN, DatabaseStatus.Levels.NONE);
	}

	@Test
	void showsWhatTheReplicaIsWorthAndWhatIsWrongWithIt() {
		Health health = health(replicating(new ReplicaCondition(Durability.SERVER,
				List.of(new ReplicaFinding(Severity.WARNING, "memory", "The bucket is held in memory")))));
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("durability", Durability.SERVER)
			.containsEntry("survives", Set.of(Failure.APPLICATION_HOST, Failure.SERVER_PROCESS))
			.containsEntry("findings", List.of("The bucket is held in memory"));
	}

	@Test
	void downWhenTheReplicaPutsBackupsInDanger() {
		Health health = health(replicating(new ReplicaCondition(null,
				List.of(new ReplicaFinding(Severity.ERROR, "nearly-full", "The bucket is 95 % full")))));
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsEntry("findings", List.of("The bucket is 95 % full"))
			.doesNotContainKey("durability");
	}

	private DatabaseStatus replicating(ReplicaCondition condition) {
		DatabaseStatus status = status(ReplicationState.REPLICATING, Duration.ZERO, NOW, null);
		return new DatabaseStatus(status.name(), status.path(), status.replica(), status.state(), status.txid(),
				status.replicatedTxid(), status.lag(), status.lastSync(), status.lastError(), status.lastErrorAt(),
				status.counters(), status.verification(), condition, status.levels());
	}

	record FixedDatabase(DatabaseStatus status) implements ReplicatedDatabase {

		@Override
		public String name() {
			return this.status.name();
		}

		@Override
		public Path path() {
			return this.status.path();
		}

		@Override
		public boolean sync(Duration timeout) {
			throw new UnsupportedOperationException();
		}

		@Override
		public boolean awaitReplicated(Txid txid, Duration timeout) {
			throw new UnsupportedOperationException();
		}

		@Override
		public SnapshotResult snapshot(Duration timeout) {
			throw new UnsupportedOperationException();
		}

		@Override
		public List<LtxFile> ltxFiles() {
			throw new UnsupportedOperationException();
		}

		@Override
		public RestorePoints restorePoints() {
			throw new UnsupportedOperationException();
		}

		@Override
		public RestoreResult restoreTo(Path file, RestoreTarget target) {
			throw new UnsupportedOperationException();
		}

		@Override
		public VerificationResult verify() {
			throw new UnsupportedOperationException();
		}

		@Override
		public VerificationResult verify(RestoreTarget target) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void prepare(Connection connection) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void signalCommit() {
			throw new UnsupportedOperationException();
		}

	}

}
