package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.LevelOptions;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.ReplicaClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of an application whose replica holds a file that has rotted: it goes on,
 * the damage is found, and the database takes its place. The same for every kind of
 * replica, whether it or the LTX file itself notices.
 */
@Timeout(120)
public abstract class DamagedReplicaContract {

	private static final LevelOptions FAST = new LevelOptions(List.of(Duration.ofMillis(200)), Duration.ofHours(24),
			Duration.ofHours(24), Duration.ofMillis(100), Duration.ofMillis(100), true);

	@TempDir
	Path directory;

	/**
	 * Creates a client, not opened, of this test's destination, which is empty when a
	 * test starts.
	 * @return a client
	 * @throws Exception if the destination cannot be made
	 */
	protected abstract ReplicaClient create() throws Exception;

	/**
	 * Exchanges a file's content behind the client's back, so that the listing stays as
	 * it is.
	 * @param file the file
	 * @param content as long as the file
	 * @throws Exception if it cannot be exchanged
	 */
	protected abstract void damage(LtxFileInfo file, byte[] content) throws Exception;

	@Test
	void newestFileThatRotsBeforeAnUploadFailsIsReplacedByTheDatabase() throws Exception {
		GatedReplica gate = new GatedReplica(create());
		try (Application app = new Application(this.directory, gate, (options) -> {
		})) {
			fill(app, 3);
			rot(newest(0));
			gate.shut();
			app.execute("INSERT INTO t VALUES(randomblob(100))");
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			gate.unshut();
			app.execute("INSERT INTO t VALUES(randomblob(100))");
			app.sync();
			assertReplaced(app);
		}
	}

	@Test
	void newestFileThatRotsWhileTheApplicationIsDownKeepsItFromNothing() throws Exception {
		try (Application app = app()) {
			fill(app, 3);
		}
		rot(newest(0));
		try (Application app = app()) {
			app.execute("INSERT INTO t VALUES(randomblob(100))");
			app.sync();
			assertReplaced(app);
		}
	}

	@Test
	void newestFileThatRotsWhileTheApplicationIsDownAndItsSpoolIsLostKeepsItFromNothing() throws Exception {
		try (Application app = app()) {
			fill(app, 3);
		}
		LtxFileInfo newest = newest(0);
		rot(newest);
		Path spool = this.directory.resolve("data/.app.db-litestream/ltx/0");
		try (Stream<Path> files = Files.list(spool)) {
			for (Path file : files.toList()) {
				Files.delete(file);
			}
		}
		try (Application app = app()) {
			app.execute("INSERT INTO t VALUES(randomblob(100))");
			app.sync();
			assertThat(app.status().replicatedTxid()).isGreaterThan(newest.maxTxid());
		}
	}

	@Test
	void olderFileThatRotsStopsNoLevelOnceTheDatabaseHasTakenItsPlace() throws Exception {
		LtxFileInfo rotten;
		try (Application app = app()) {
			fill(app, 2);
			rotten = newest(0);
			fill(app, 1);
			rot(rotten);
			assertReplaced(app);
		}
		try (Application app = app((options) -> options.levels(FAST))) {
			fill(app, 3);
			await().atMost(Application.LONG).untilAsserted(() -> {
				assertThat(list(1)).as("levels go on").isNotEmpty();
				assertThat(list(0)).as("and what they hold is deleted").hasSizeLessThan(6);
			});
			assertThat(app.status().levels().levels().get(1).lastError()).isNull();
			assertVerified(app);
		}
	}

	@Test
	void mergedFileThatRotsIsReplacedByTheDatabase() throws Exception {
		try (Application app = app((options) -> options.levels(FAST))) {
			fill(app, 3);
			await().atMost(Application.LONG).until(() -> !list(1).isEmpty() && list(0).size() == 1);
			rot(list(1).get(0));
			fill(app, 1);
			assertReplaced(app);
		}
	}

	private Application app() throws Exception {
		return app((options) -> {
		});
	}

	private Application app(Consumer<DatabaseOptions.Builder> customizer) throws Exception {
		return new Application(this.directory, create(), customizer);
	}

	private static void fill(Application app, int commits) throws Exception {
		app.execute("CREATE TABLE IF NOT EXISTS t(v)");
		for (int i = 0; i < commits; i++) {
			app.execute("INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
		}
	}

	/** The damage is found, and answered by itself. */
	private static void assertReplaced(Application app) throws Exception {
		VerificationResult found = app.database().verify();
		assertThat(found.outcome()).as(found.detail()).isEqualTo(VerificationOutcome.FAILED);
		await().atMost(Application.LONG)
			.until(() -> app.status().counters().lastResync() == ResyncReason.BACKUP_DAMAGED
					&& app.status().state() == ReplicationState.REPLICATING);
		app.sync();
		assertVerified(app);
	}

	private static void assertVerified(Application app) throws Exception {
		VerificationResult result = app.database().verify();
		assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.VERIFIED);
		assertThat(result.compared()).isTrue();
	}

	private LtxFileInfo newest(int level) throws Exception {
		List<LtxFileInfo> files = list(level);
		return files.get(files.size() - 1);
	}

	private List<LtxFileInfo> list(int level) throws Exception {
		try (ReplicaClient client = create()) {
			client.open();
			return client.list(level).files();
		}
	}

	private void rot(LtxFileInfo file) throws Exception {
		byte[] content = read(file);
		content[content.length / 2] ^= 1;
		damage(file, content);
	}

	private byte[] read(LtxFileInfo file) throws Exception {
		try (ReplicaClient client = create()) {
			client.open();
			return client.read(file).readAllBytes();
		}
	}

}
