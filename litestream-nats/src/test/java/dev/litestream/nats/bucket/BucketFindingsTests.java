package dev.litestream.nats.bucket;

import java.time.Duration;
import java.util.List;

import dev.litestream.Durability;
import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicaFinding.Severity;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is found in the settings of a bucket, also those of servers that are not at hand.
 */
class BucketFindingsTests {

	private static final ServerVersion CURRENT = new ServerVersion(2, 15, 2);

	private static final ServerState SERVER = new ServerState(CURRENT, false, 1 << 20);

	private static final NatsReplicaOptions OPTIONS = NatsReplicaOptions.builder("shop").build();

	private static BucketState bucket(long bytes, long maxBytes, boolean compressed) {
		return new BucketState(false, false, 1, List.of(), bytes, maxBytes, Duration.ZERO, -1, -1, false, true, true,
				false, compressed);
	}

	@Test
	void nothingIsWrongWithAPlainBucket() {
		assertThat(BucketFindings.of(bucket(0, -1, false), SERVER, OPTIONS)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "799, 1000, , ", "800, 1000, WARNING, 'is 80 % full: raise'",
			"949, 1000, WARNING, 'is 94 % full: raise'", "950, 1000, ERROR, 'is 95 % full and will soon refuse'",
			"999, 1000, ERROR, 'is 99 % full and will soon refuse'", "1000, 1000, ERROR, 'is full: raise'" })
	void spaceIsWarnedOfInTime(long bytes, long maxBytes, Severity severity, String text) {
		List<ReplicaFinding> findings = BucketFindings.of(bucket(bytes, maxBytes, false), SERVER, OPTIONS);
		if (severity == null) {
			assertThat(findings).isEmpty();
			return;
		}
		assertThat(findings).singleElement().satisfies((finding) -> {
			assertThat(finding.severity()).isEqualTo(severity);
			assertThat(finding.message()).contains("Bucket 'shop' at nats://localhost:4222/shop " + text)
				.contains("`nats stream edit OBJ_shop --max-bytes=<size>`");
		});
	}

	@ParameterizedTest
	@Hazard("S14")
	@CsvSource({ "2.9.10, true", "2.10.22, true", "2.10.23, false", "2.11.0, false", "2.15.2, false",
			"2.14.0-RC.1, false", "v2.10.20-beta, true", "unknown, false", "2.99999999999.0, false" })
	void serversOlderThanTheSupportedOneAreReported(String version, boolean reported) {
		ServerState server = new ServerState(ServerVersion.parse(version), false, 1 << 20);
		assertThat(BucketFindings.of(bucket(0, -1, false), server, OPTIONS)
			.stream()
			.anyMatch((finding) -> finding.code().equals("old-server"))).isEqualTo(reported);
	}

	@ParameterizedTest
	@Hazard("S14")
	@CsvSource({ "2.12.11, true", "2.12.12, false", "2.13.0, true", "2.14.2, true", "2.14.3, false", "2.15.0, false" })
	void compressionByServersThatDamageItIsReported(String version, boolean reported) {
		ServerState server = new ServerState(ServerVersion.parse(version), false, 1 << 20);
		assertThat(BucketFindings.of(bucket(0, -1, true), server, OPTIONS)
			.stream()
			.anyMatch((finding) -> finding.code().equals("compression"))).isEqualTo(reported);
		assertThat(BucketFindings.of(bucket(0, -1, false), server, OPTIONS)).isEmpty();
	}

	@Test
	void aReplicaThatIsAwayIsNamed() {
		BucketState bucket = new BucketState(false, false, 3, List.of("n2"), 0, -1, Duration.ZERO, -1, -1, false, true,
				true, false, false);
		assertThat(BucketFindings.of(bucket, new ServerState(CURRENT, true, 1 << 20), OPTIONS)).singleElement()
			.satisfies((finding) -> assertThat(finding.message()).contains("3 servers, of which n2"));
	}

	@ParameterizedTest
	@CsvSource({ "false, false, 1, false, SERVER", "false, false, 1, true, SERVER_SYNCED",
			"false, false, 2, false, SERVER", "false, false, 3, false, CLUSTER",
			"false, false, 5, true, CLUSTER_SYNCED", "true, false, 3, true, VOLATILE",
			"false, true, 1, true, VOLATILE" })
	void durabilityFollowsTheSettings(boolean inMemory, boolean ackBeforeWrite, int replicas, boolean syncAlways,
			Durability durability) {
		BucketState bucket = new BucketState(inMemory, ackBeforeWrite, replicas, List.of(), 0, -1, Duration.ZERO, -1,
				-1, false, true, true, false, false);
		assertThat(BucketDurability.of(bucket, syncAlways)).isEqualTo(durability);
	}

}
