package dev.litestream.spring;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;

import dev.litestream.DatabaseStatus;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.Txid;
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
	@EnumSource(value = ReplicationState.class, names = { "STOPPED", "WAITING_FOR_DATABASE", "STARTING" })
	void unknownBeforeTheFirstSync(ReplicationState state) {
		Health health = health(status(state, Duration.ZERO, null, null));
		assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
		assertThat(health.getDetails()).containsEntry("state", state).doesNotContainKeys("lastSync", "lastError");
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
				Status.DOWN);
	}

	private Health health(DatabaseStatus status) {
		return new LitestreamHealthIndicator(new FixedDatabase(status), MAX_LAG).health();
	}

	private DatabaseStatus status(ReplicationState state, Duration lag, @Nullable Instant lastSync,
			@Nullable String error) {
		return new DatabaseStatus("app", Path.of("app.db"), "file:///backup", state, new Txid(31), new Txid(30), lag,
				lastSync, error, (error != null) ? NOW : null,
				new DatabaseStatus.Counters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, 0, 0, 0),
				DatabaseStatus.Levels.NONE);
	}

	private record FixedDatabase(DatabaseStatus status) implements ReplicatedDatabase {

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
		public void prepare(Connection connection) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void signalCommit() {
			throw new UnsupportedOperationException();
		}

	}

}
