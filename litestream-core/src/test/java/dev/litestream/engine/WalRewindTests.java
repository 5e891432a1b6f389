package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A power loss under {@code synchronous=NORMAL} can take the end of the WAL, though it
 * was shipped: SQLite then goes on at an earlier place, with the same salts.
 */
class WalRewindTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@Hazard("A15")
	@ValueSource(booleans = { false, true })
	void walThatLostItsEndIsNotTakenForTheOneThatWasShipped(boolean writtenSince) throws Exception {
		Path live = this.directory.resolve("live");
		Path crashed = this.directory.resolve("crashed");
		Path kept = this.directory.resolve("kept-wal");
		try (Application app = new Application(live)) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO t VALUES(1, 'kept')");
			app.sync();
			copy(app.wal(), kept);
			app.execute("INSERT INTO t VALUES(2, 'lost')", "INSERT INTO t VALUES(3, 'lost')");
			app.sync();
			copy(live, crashed);
		}
		Path database = crashed.resolve("data").resolve("app.db");
		Files.copy(kept, database.resolveSibling("app.db-wal"), StandardCopyOption.REPLACE_EXISTING);
		Files.deleteIfExists(database.resolveSibling("app.db-shm"));
		Path identity = database.resolveSibling(".app.db-litestream").resolve("identity");
		Files.writeString(identity, Files.readString(identity).replaceAll("boot=.*", "boot=another"));
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			if (writtenSince) {
				Application.execute(other, "PRAGMA wal_autocheckpoint=0", "INSERT INTO t VALUES(2, 'mine')",
						"INSERT INTO t VALUES(3, 'mine')");
			}
			try (Application app = new Application(crashed)) {
				app.requireReplicaEqual();
				assertThat(app.query("SELECT count(*) FROM t WHERE v = 'lost'")).isZero();
				assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.FRAME_MISMATCH);
				Txid txid = app.status().txid();
				app.sync();
				assertThat(app.status().txid()).isEqualTo(txid);
				app.execute("INSERT INTO t VALUES(4, 'new')");
				app.requireReplicaEqual();
				assertThat(app.status().counters().resyncs()).isEqualTo(1);
			}
			try (Application app = new Application(crashed)) {
				app.requireReplicaEqual();
				assertThat(app.status().counters().resyncs()).isZero();
			}
		}
	}

	/** By another process: a copy made by this one would drop SQLite's locks. */
	private static void copy(Path from, Path to) throws Exception {
		ChildProcess.output(Application.LONG, List.of("cp", "-a", from.toString(), to.toString()));
	}

}
