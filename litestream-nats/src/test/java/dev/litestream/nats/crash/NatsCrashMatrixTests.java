package dev.litestream.nats.crash;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.CrashPoint;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Aborts an application at each step of an upload to NATS and of a restore from it,
 * restarts it on what is left, and restores: everything acknowledged is there.
 */
@NatsServerTest
class NatsCrashMatrixTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@Hazard("G5")
	@Hazard("S8")
	@Hazard("S9")
	@CsvSource(delimiter = '|', textBlock = """
			before ChunkUpload.send         | nats.bucket.ObjectPut#put         | 5  | false
			after ChunkUpload.send          | nats.bucket.ObjectPut#put         | 5  | false
			before JetStreamApi.publish     | nats.bucket.ObjectPut#publish     | 5  | false
			after JetStreamApi.publish      | nats.bucket.ObjectPut#publish     | 5  | false
			exit                            | nats.NatsReplicaClient#write      | 5  | false
			after ReplicaClient.listAll     | replication.UploadLoop#reconcile  | 1  | false
			exit                            | nats.NatsReplicaClient#listAll    | 1  | true
			exit                            | nats.NatsReplicaClient#read       | 1  | true
			exit                            | continuity.RestoredState#ready   | 1   | true
			exit                            | restore.RestoreOutput#publish     | 1  | true
			after Spool.clear               | continuity.RestoredState#settle  | 1   | true
			after Files.move                | continuity.PageHashes#publish    | 1   | true
			after KnownPages.bringTo        | continuity.Preparation#prepare      | 1| true
			after SyncFiles.image           | capture.Sync#image            | 1      | true
			""")
	void nothingAcknowledgedIsMissing(String place, String method, int times, boolean restoring, NatsServer nats)
			throws Exception {
		CrashPoint point = new CrashPoint(place, method, times);
		assertThat(point.places()).as("places in the program: %s", point).isPositive();
		CrashedApplication application = new CrashedApplication(this.directory, nats,
				"matrix-" + Integer.toHexString(point.toString().hashCode()));
		application.createBucket();
		if (restoring) {
			runUntilAcknowledged(application);
			application.deleteDatabase();
		}
		try (ChildProcess child = application.start(options(point.jvmOptions()))) {
			assertThat(child.awaitExit(Duration.ofMinutes(1))).as("exit code at %s: %s", point, child.log())
				.isEqualTo(CrashPoint.EXIT_CODE);
		}
		application.verify("after the crash", false);
		runUntilAcknowledged(application);
		application.verify("after the restart", restoring);
	}

	/** With what makes a JVM start fast. */
	private static List<String> options(List<String> more) {
		return Stream.concat(Stream.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), more.stream()).toList();
	}

	private static void runUntilAcknowledged(CrashedApplication application) throws Exception {
		long[] before = application.acknowledged();
		try (ChildProcess child = application.start(options(List.of()))) {
			await().atMost(Duration.ofSeconds(60))
				.untilAsserted(() -> assertThat(application.acknowledged()[0]).as("acknowledged since: %s", child.log())
					.isGreaterThan(before[0]));
			assertThat(child.log()).doesNotContain("WRITE FAILED");
		}
	}

}
