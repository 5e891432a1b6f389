package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;

import dev.litestream.replica.FileReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.CrashPoint;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Aborts an application at each step of sync, checkpoint, upload, restart, snapshot,
 * restore and delete, restarts it on what is left, and restores: everything acknowledged
 * before is there, and the replica equals the database after the next sync.
 * <p>
 * A row is a scenario, the place in the method, the method, and at which time of getting
 * there. A step that no longer exists, or is not reached, fails.
 */
class CrashMatrixTests {

	@TempDir
	static Path templates;

	@TempDir
	Path directory;

	@BeforeAll
	static void prepare() throws Exception {
		for (CrashScenario scenario : CrashScenario.values()) {
			Path directory = templates.resolve(scenario.name());
			CrashingApplication.prepare(directory);
			scenario.prepare(directory);
		}
	}

	@ParameterizedTest
	@Hazard("G5")
	@Hazard("F2")
	@CsvSource(delimiter = '|', textBlock = """
			# sync
			WRITING     | entry                           | capture.Sync#step                         | 9
			WRITING     | before SyncFiles.increment      | capture.Sync#step                         | 7
			WRITING     | after SyncFiles.increment       | capture.Sync#step                         | 7
			WRITING     | after FileOutputStream.<init>   | spool.Spool$Draft#write                   | 2
			WRITING     | before Files.move               | spool.Spool$Draft#publish                 | 2
			WRITING     | after Files.move                | spool.Spool$Draft#publish                 | 2
			WRITING     | after FileOutputStream.<init>   | spool.Spool#write                         | 3
			WRITING     | before Files.move               | spool.Spool#write                         | 5
			WRITING     | after Files.move                | spool.Spool#write                         | 5
			# upload
			WRITING     | before ReplicaClient.write      | replication.Upload#next                   | 6
			WRITING     | after FileOutputStream.<init>   | replica.NewLtxFile#openTmp                | 6
			WRITING     | before FileDescriptor.sync      | replica.NewLtxFile#fill                   | 6
			WRITING     | before HardLinks.create         | replica.NewLtxFile#link                   | 6
			WRITING     | after HardLinks.create          | replica.NewLtxFile#link                   | 6
			WRITING     | after ReplicaClient.write       | replication.Upload#next                   | 6
			WRITING     | before Spool.removeBefore       | continuity.KnownPages#update              | 1
			WRITING     | after Files.deleteIfExists      | spool.Spool#removeBefore                  | 3
			# checkpoint
			WRITING     | entry                           | capture.Checkpointer#run                  | 1
			WRITING     | before Handover.complete        | capture.Checkpointer#handOver             | 1
			WRITING     | before ReadLock.close           | capture.HeldLock$Handover#complete        | 4
			WRITING     | after Passive.run               | capture.Checkpointer#run                  | 1
			OFFLINE     | before Disk.force               | spool.Spool#force                         | 1
			OFFLINE     | before Disk.force               | spool.Spool#force                         | 2
			WRITING     | before Action.run               | sqlite.WriteLock#run                      | 1
			WRITING     | before Handover.complete        | capture.Checkpointer#handOver             | 2
			WRITING     | exit                            | sqlite.LockConnections#checkpointPassive  | 2
			WRITING     | before Handover.complete        | capture.Checkpointer#handOver             | 3
			OFFLINE     | after Action.run                | sqlite.WriteLock#run                      | 1
			WRITING     | exit                            | capture.Checkpointer#run                  | 1
			# stop
			WRITING     | entry                           | sqlite.LockConnections#close              | 1
			WRITING     | exit                            | sqlite.LockConnections#close              | 1
			# restart
			PENDING     | exit                            | sqlite.LockConnections#<init>             | 1
			PENDING     | after ReplicaClient.listAll     | replication.UploadLoop#reconcile          | 1
			PENDING     | before Upload.clear             | replication.Reconciliation#queue          | 1
			PENDING     | after ReplicaClient.write       | replication.Upload#next                   | 2
			SPOOL_LOST  | after InputStream.transferTo    | continuity.NewestFile#fetch               | 1
			SPOOL_LOST  | exit                            | continuity.NewestFile#fetch               | 1
			# resync and snapshot
			REPLICA_GAP | after Spool.clear               | replication.Reconciliation#resync         | 1
			REPLICA_GAP | before SyncFiles.image          | capture.Sync#image                        | 1
			REPLICA_GAP | after SyncFiles.image           | capture.Sync#image                        | 1
			REPLICA_GAP | after ReplicaClient.write       | replication.Upload#next                   | 1
			RESTORING   | after SyncFiles.image           | capture.Sync#image                        | 1
			RESTORING   | after ReplicaClient.write       | replication.Upload#next                   | 1
			# resync by difference: hashes, then what differs
			WRITING     | exit                            | continuity.PageHashesUpdate#<init>        | 1
			WRITING     | exit                            | continuity.PageHashesUpdate#apply         | 2
			WRITING     | before PageHashesUpdate.write   | continuity.PageHashesUpdate#complete      | 1
			WRITING     | exit                            | continuity.PageHashesUpdate#complete      | 1
			RESYNCING   | exit                            | continuity.Investigation#look             | 1
			RESYNCING   | exit                            | continuity.PageHashesUpdate#<init>        | 1
			RESYNCING   | exit                            | continuity.PageHashesUpdate#apply         | 3
			RESYNCING   | exit                            | continuity.PageHashesUpdate#complete      | 1
			RESYNCING   | before Sync.resync              | replication.Reconciliation#resync         | 1
			RESYNCING   | exit                            | capture.Sync#requireSame                  | 1
			RESYNCING   | after SyncFiles.image           | capture.Sync#image                        | 1
			RESYNCING   | before Files.move               | spool.ProvenanceFile#write                | 2
			RESYNCING   | after ReplicaClient.write       | replication.Upload#next                   | 1
			# restore
			RESTORING   | entry                           | restore.StagingDirectory#lock             | 1
			RESTORING   | exit                            | restore.ImageBuild#run                    | 1
			RESTORING   | before PageHashesUpdate.completeRestored | continuity.RestoredState#ready   | 1
			RESTORING   | exit                            | continuity.RestoredState#ready            | 1
			RESTORING   | before Files.move               | restore.RestoreOutput#publish             | 1
			RESTORING   | after Files.move                | restore.RestoreOutput#publish             | 1
			RESTORING   | before Spool.clear              | continuity.RestoredState#settle           | 1
			RESTORING   | before Files.move               | continuity.PageHashes#publish             | 1
			RESTORING   | after Files.move                | continuity.PageHashes#publish             | 1
			# compaction and snapshots
			COMPACTING  | before ReplicaClient.write      | compaction.LevelWriter#write              | 1
			COMPACTING  | after ReplicaClient.write       | compaction.LevelWriter#write              | 1
			COMPACTING  | before PageDigest.read          | compaction.LevelWriter#verify             | 2
			COMPACTING  | exit                            | compaction.Compactor#compact              | 2
			COMPACTING  | exit                            | compaction.Snapshotter#snapshot           | 1
			# retention
			COMPACTING  | exit                            | compaction.Retention#raw                  | 1
			COMPACTING  | before ReplicaClient.delete     | compaction.LevelRound#deleted             | 1
			COMPACTING  | after Files.deleteIfExists      | replica.FileReplicaClient#delete          | 3
			COMPACTING  | exit                            | compaction.LevelRound#deleted             | 2
			# delete
			DELETING    | before Files.deleteIfExists     | replica.FileReplicaClient#delete          | 1
			DELETING    | after Files.deleteIfExists      | replica.FileReplicaClient#delete          | 2
			""")
	void nothingAcknowledgedIsMissing(CrashScenario scenario, String place, String method, int times) throws Exception {
		CrashPoint point = new CrashPoint(place, method, times);
		assertThat(point.places()).as("places in the program: %s", point).isPositive();
		Path directory = this.directory.resolve("app");
		ChildProcess.output(Application.LONG,
				List.of("cp", "-a", templates.resolve(scenario.name()).toString(), directory.toString()));
		abort(scenario, point, directory);
		long acknowledged = CrashingApplication.acknowledged(directory);
		if (acknowledged > 0) {
			assertThat(rowsOf(restored(directory))).as("rows in the replica").isGreaterThanOrEqualTo(acknowledged);
		}
		try (Application app = new Application(directory)) {
			assertThat(CrashingApplication.requireRows(app.connection)).as("rows in the database")
				.isGreaterThanOrEqualTo(acknowledged);
			CrashingApplication.insert(app.connection);
			app.requireReplicaEqual();
		}
		assertThat(Databases.integrity(directory.resolve("data/app.db"))).isEqualTo("ok");
		requireNoLeftovers(directory.resolve("data"));
	}

	private void abort(CrashScenario scenario, CrashPoint point, Path directory) throws Exception {
		Path log = this.directory.resolve("log");
		try (ChildProcess child = ChildProcess.start(log, ForeignProcess.command(point.jvmOptions(),
				CrashingApplication.class, directory.toString(), scenario.name()))) {
			assertThat(child.awaitExit(Duration.ofMinutes(1))).as("exit code at %s: %s", point, child.log())
				.isEqualTo(CrashPoint.EXIT_CODE);
		}
	}

	private Path restored(Path directory) throws Exception {
		Path restored = this.directory.resolve("restored.db");
		try (FileReplicaClient client = new FileReplicaClient(directory.resolve("replica"))) {
			client.open();
			new Restorer().restore(client, RestoreOptions.latest(restored), null);
		}
		assertThat(Databases.integrity(restored)).isEqualTo("ok");
		return restored;
	}

	private static long rowsOf(Path database) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			return CrashingApplication.requireRows(connection);
		}
	}

	private static void requireNoLeftovers(Path data) throws Exception {
		try (var files = Files.walk(data)) {
			assertThat(files.map((file) -> file.getFileName().toString()))
				.noneMatch((name) -> name.endsWith(".tmp") || name.contains(".restore-"));
		}
	}

}
