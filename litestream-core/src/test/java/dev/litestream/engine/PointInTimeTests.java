package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.LitestreamException;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestorePoint;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.restore.RestorePointMissingException;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Restoring an earlier state to another file while the application runs.
 */
@Timeout(60)
class PointInTimeTests {

	@TempDir
	Path directory;

	@Test
	@Hazard("D10")
	void everyPointThatIsNamedIsRestoredExactly() throws Exception {
		try (Application app = new Application(this.directory)) {
			List<Txid> synced = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				app.execute("CREATE TABLE t" + i + "(v)");
				app.sync();
				synced.add(app.status().replicatedTxid());
			}
			RestorePoints points = app.database().restorePoints();
			assertThat(points.all()).extracting(RestorePoint::txid).containsAll(synced);
			assertThat(points.levels().get(0).points()).isEqualTo(points.all());
			for (RestorePoint point : points.all()) {
				Path file = this.directory.resolve("at-" + point.txid() + ".db");
				RestoreResult result = app.database().restoreTo(file, RestoreTarget.of(point.txid()));
				assertThat(result.txid()).isEqualTo(point.txid());
				assertThat(result.timestamp()).isEqualTo(point.timestamp());
				assertThat(Databases.integrity(file)).isEqualTo("ok");
			}
			RestoreResult newest = app.database().restoreTo(this.directory.resolve("at"), notAfterTheLast(points));
			assertThat(newest.txid()).isEqualTo(app.status().replicatedTxid());
			app.requireReplicaEqual();
		}
	}

	private static RestoreTarget notAfterTheLast(RestorePoints points) {
		RestorePoint newest = points.newest();
		return RestoreTarget.notAfter((newest != null) ? newest.timestamp() : Instant.MIN);
	}

	@Test
	void pointThatIsNoneNamesTheNearest() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			Txid newest = app.status().replicatedTxid();
			assertThatExceptionOfType(RestoreFailedException.class)
				.isThrownBy(() -> app.database()
					.restoreTo(this.directory.resolve("copy.db"), RestoreTarget.of(newest.next())))
				.withCauseInstanceOf(RestorePointMissingException.class)
				.withMessageContaining("cannot restore TXID " + newest.next() + " exactly")
				.withMessageContaining("nearest before: TXID " + newest);
			assertThat(this.directory.resolve("copy.db")).doesNotExist();
		}
	}

	@Test
	void nothingThatExistsIsWrittenOver() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			Path empty = Files.createFile(this.directory.resolve("empty"));
			Path link = Files.createSymbolicLink(this.directory.resolve("link"), app.path());
			for (Path file : List.of(empty, link, app.path(), this.directory)) {
				assertThatExceptionOfType(RestoreFailedException.class)
					.isThrownBy(() -> app.database().restoreTo(file, RestoreTarget.LATEST))
					.withMessageContaining(file.toString());
			}
			assertThat(empty).isEmptyFile();
			assertThatExceptionOfType(RestoreFailedException.class)
				.isThrownBy(() -> app.database().restoreTo(app.path(), RestoreTarget.LATEST))
				.withMessageContaining("a replicated database");
			assertThat(app.query("SELECT count(*) FROM t")).isZero();
		}
	}

	@Test
	void databaseThatDoesNotExistYetIsNotCreatedByARestore() throws Exception {
		Path path = this.directory.resolve("new.db");
		try (Application app = new Application(this.directory);
				LitestreamEngine engine = LitestreamEngine.builder()
					.database(dev.litestream.DatabaseOptions.of(path).build(),
							new FileReplicaClient(this.directory.resolve("replica")))
					.build()) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			assertThatExceptionOfType(RestoreFailedException.class)
				.isThrownBy(() -> engine.databases().get(0).restoreTo(path, RestoreTarget.LATEST))
				.withMessageContaining("a replicated database");
			assertThat(path).doesNotExist();
		}
	}

	@Test
	void replicaThatCannotBeListedIsNotOneWithoutPoints() throws Exception {
		GatedReplica gate = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, gate, (options) -> {
		})) {
			assertThat(app.database().restorePoints().all()).isEmpty();
			gate.shut();
			assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> app.database().restorePoints())
				.withMessageContaining("cut off");
			gate.unshut();
		}
	}

}
