package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.LevelOptions;
import dev.litestream.LtxFile;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreOnStartup;
import dev.litestream.VerificationOutcome;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A position belongs to one writer, whether it is a raw file or a snapshot: what another
 * writer was promised is neither hidden by a snapshot of ours nor counted as ours.
 */
class FenceTests {

	private static final String HUNDRED = "INSERT INTO t(v) SELECT randomblob(3000) FROM json_each('[1"
			+ ",1".repeat(99) + "]')";

	private static final LevelOptions LEVELS = new LevelOptions(List.of(Duration.ofMillis(100)), Duration.ofHours(1),
			Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1), true);

	@TempDir
	Path directory;

	private GatedReplica replica;

	/** The last position with the page size before. */
	private long before;

	@BeforeEach
	void gate() {
		this.replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
	}

	/** The snapshot has been refused for a while, and another writer took its place. */
	@Test
	void snapshotThatWaitsIsFencedAsRawFilesAre() throws Exception {
		changePageSize();
		this.replica.refuse("not now");
		try (Application app = gated()) {
			app.execute("INSERT INTO t(v) VALUES('of A')");
			await().atMost(Application.LONG)
				.until(() -> app.status().lastError() != null && app.status().txid().value() > this.before);
			try (Application other = other()) {
				do {
					other.execute("INSERT INTO t(v) VALUES('of B')");
					other.sync();
				}
				while (other.status().txid().isBefore(app.status().txid()));
			}
			this.replica.refuse(null);
			assertThat(app.database().sync(Application.LONG)).isFalse();
			requireOnlyTheOther(app);
		}
	}

	/** The snapshot is on its way when the other writer takes its place. */
	@Test
	void snapshotOnItsWayIsFencedToo() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)", HUNDRED);
			app.sync();
			app.execute("INSERT INTO t(v) VALUES('second')");
			app.sync();
		}
		Path first = this.directory.resolve("replica/ltx/0/0000000000000001-0000000000000001.ltx");
		byte[] good = Files.readAllBytes(first);
		try (Application app = gated()) {
			app.sync();
			// Damaged for a moment: a verification makes us send a snapshot.
			Files.write(first, new byte[good.length]);
			this.replica.stall();
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.FAILED);
			await().atMost(Application.LONG).until(() -> app.status().counters().resyncs() == 1);
			Files.write(first, good);
			try (Application other = other()) {
				other.execute("INSERT INTO t(v) VALUES('of B')");
				other.sync();
				assertThat(other.status().replicatedTxid()).isEqualTo(app.status().txid());
			}
			this.replica.goOn();
			assertThat(app.database().sync(Application.LONG)).isFalse();
			requireOnlyTheOther(app);
		}
	}

	/** Its position is ours already, and the snapshot follows, whoever is restarted. */
	@Test
	void snapshotWhosePositionWasTakenFollowsAfterARestart() throws Exception {
		changePageSize();
		this.replica.refuseSnapshots("not now");
		try (Application app = gated((o) -> o.shutdownSyncTimeout(Duration.ofMillis(10)))) {
			app.execute("INSERT INTO t(v) VALUES('of A')");
			await().atMost(Application.LONG)
				.until(() -> app.status().lastError() != null && files(app, 0).size() == this.before + 1);
			assertThat(app.status().replicatedTxid().value()).isEqualTo(this.before);
			assertThat(app.database().awaitReplicated(app.status().txid(), Duration.ZERO)).isFalse();
			// Neither is another one made for each that was refused.
			assertThat(app.database().sync(Duration.ofMillis(10))).isFalse();
			assertThat(app.database().sync(Duration.ofMillis(10))).isFalse();
			assertThat(app.status().counters().resyncs()).isEqualTo(1);
		}
		this.replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = gated()) {
			app.requireReplicaEqual();
			assertThat(files(app, ReplicaClient.SNAPSHOT_LEVEL)).hasSize(1);
			assertThat(app.status().counters().resyncs()).isZero();
			app.execute("INSERT INTO t(v) VALUES('after it')");
			app.requireReplicaEqual();
		}
	}

	/** Levels are merged up to the snapshot and from it on, never across. */
	@Test
	void levelsGoOnBehindAnotherPageSize() throws Exception {
		changePageSize();
		try (Application app = new Application(this.directory,
				(o) -> o.levels(LEVELS).restoreOnStartup(RestoreOnStartup.NEVER))) {
			for (int i = 0; i < 3; i++) {
				app.execute("INSERT INTO t(v) VALUES('later')");
				app.sync();
			}
			await().atMost(Application.LONG)
				.until(() -> files(app, 1).stream().anyMatch((file) -> file.maxTxid().value() >= this.before + 3));
			assertThat(files(app, 1))
				.noneMatch((file) -> file.minTxid().value() <= this.before && file.maxTxid().value() > this.before);
			app.requireReplicaEqual();
			assertThat(app.status().levels().levels()).allMatch((level) -> level.errors() == 0);
		}
	}

	/** Another page size: the next file is a snapshot. */
	private void changePageSize() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)", HUNDRED);
			app.sync();
			this.before = app.status().txid().value();
		}
		try (Connection connection = DriverManager
			.getConnection("jdbc:sqlite:" + this.directory.resolve("data").resolve("app.db"))) {
			Application.execute(connection, "PRAGMA journal_mode=DELETE", "PRAGMA page_size=8192", "VACUUM",
					"PRAGMA journal_mode=WAL");
		}
	}

	private static List<LtxFile> files(Application app, int level) {
		return app.database().ltxFiles().stream().filter((file) -> file.level() == level).toList();
	}

	private Application gated() throws Exception {
		return gated((o) -> {
		});
	}

	private Application gated(Consumer<DatabaseOptions.Builder> customizer) throws Exception {
		return new Application(this.directory, this.replica,
				customizer.andThen((o) -> o.restoreOnStartup(RestoreOnStartup.NEVER)));
	}

	private Application other() throws Exception {
		return new Application(this.directory.resolve("other"),
				new FileReplicaClient(this.directory.resolve("replica")), (o) -> {
				});
	}

	/** The other one's promise stands. */
	private void requireOnlyTheOther(Application app) throws Exception {
		assertThat(app.status().state()).isEqualTo(ReplicationState.FAILED);
		app.execute("INSERT INTO t(v) VALUES('of A too')");
		assertThat(app.database().sync(Application.LONG)).isFalse();
		try (Stream<Path> snapshots = Files.exists(this.directory.resolve("replica/ltx/9"))
				? Files.list(this.directory.resolve("replica/ltx/9")) : Stream.empty()) {
			assertThat(snapshots).isEmpty();
		}
		try (Connection other = DriverManager
			.getConnection("jdbc:sqlite:" + this.directory.resolve("other/data/app.db"))) {
			Application.requireEqual(this.directory, this.directory.resolve("replica"), other);
		}
	}

}
