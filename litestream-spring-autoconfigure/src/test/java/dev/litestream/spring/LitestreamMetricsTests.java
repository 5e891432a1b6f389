package dev.litestream.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.litestream.DatabaseStatus;
import dev.litestream.Litestream;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import dev.litestream.ReplicationState;
import dev.litestream.Txid;
import dev.litestream.VerificationStatus;
import dev.litestream.spring.LitestreamHealthIndicatorTests.FixedDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Meters of states that a test does not bring about easily.
 */
class LitestreamMetricsTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "none",
			value = { "none | 0", "The server went away | 0",
					"The local spool /data cannot be written (No space left on device); free space | 1",
					"[SQLITE_FULL]  Insertion failed because database is full | 1", "Disk quota exceeded | 1" })
	void fullDiskIsToldFromOtherFailures(@Nullable String error, double expected) {
		assertThat(registry(status(error, null)).get("litestream.disk.full").gauge().value()).isEqualTo(expected);
	}

	@Test
	void lagIsCountedInPositionsToo() {
		assertThat(registry(status(null, null)).get("litestream.replication.lag.txids").gauge().value()).isEqualTo(4);
	}

	@Test
	void ageOfTheLastSyncIsNoNumberBeforeThereIsOne() {
		assertThat(registry(status(null, null)).get("litestream.sync.age").timeGauge().value()).isNaN();
		assertThat(registry(status(null, Instant.now().minusSeconds(90))).get("litestream.sync.age")
			.timeGauge()
			.value(TimeUnit.SECONDS)).isBetween(90.0, 600.0);
	}

	private static MeterRegistry registry(DatabaseStatus status) {
		MeterRegistry registry = new SimpleMeterRegistry();
		new LitestreamMetrics(new Fixed(new FixedDatabase(status))).bindTo(registry);
		return registry;
	}

	@Test
	void aPositionThatIsNotKnownIsNoNumber() {
		MeterRegistry registry = registry(status(null, null, Txid.ZERO, Txid.ZERO));
		for (String name : List.of("litestream.txid", "litestream.replicated.txid", "litestream.replication.lag.txids",
				"litestream.verification.txid")) {
			assertThat(registry.get(name).gauge().value()).as(name).isNaN();
		}
	}

	private static DatabaseStatus status(@Nullable String error, @Nullable Instant lastSync) {
		return status(error, lastSync, new Txid(31), new Txid(27));
	}

	private static DatabaseStatus status(@Nullable String error, @Nullable Instant lastSync, Txid txid,
			Txid replicated) {
		return new DatabaseStatus("app", Path.of("app.db"), "file:///backup", ReplicationState.REPLICA_UNAVAILABLE,
				txid, replicated, Duration.ofSeconds(3), lastSync, error, (error != null) ? Instant.EPOCH : null,
				new DatabaseStatus.Counters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, 0, 0, 0, Map.of()),
				VerificationStatus.NONE, ReplicaCondition.UNKNOWN, DatabaseStatus.Levels.NONE);
	}

	private record Fixed(ReplicatedDatabase database) implements Litestream {

		@Override
		public List<ReplicatedDatabase> databases() {
			return List.of(this.database);
		}

		@Override
		public ReplicatedDatabase database(String name) {
			return this.database;
		}

		@Override
		public ReplicatedDatabase database(Path path) {
			return this.database;
		}

		@Override
		public boolean unregister(String name, Duration timeout) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void addListener(ReplicationListener listener) {
			// nothing happens to it
		}

	}

}
