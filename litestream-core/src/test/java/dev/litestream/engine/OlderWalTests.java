package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.MismatchAction;
import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.RestoreOnStartup;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * While the application is stopped, somebody puts a copy that was made earlier in the
 * place of the database and its WAL, or of either. No counter tells that it is older:
 * what was committed since has not touched the first page.
 */
@Timeout(120)
class OlderWalTests {

	private static final String BOTH = "app.db app.db-wal";

	private static final String ALL = "app.db app.db-wal app.db-shm";

	private static final String WAL = "app.db-wal";

	@TempDir
	Path directory;

	@ParameterizedTest
	@CsvSource({ "cp, running, stopped," + BOTH, "cp -p, running, stopped," + BOTH, "cp, running, killed," + BOTH,
			"cp, running, rebooted," + BOTH, "cp, running, stopped," + ALL, "cp -p, running, killed," + ALL,
			"cp, running, stopped," + WAL, "cp -p, running, killed," + WAL, "cp, stopped, stopped," + BOTH,
			"cp -p, stopped, killed," + BOTH, "cp, stopped, rebooted," + BOTH, "cp, stopped, stopped," + WAL,
			"cp --remove-destination, running, stopped," + BOTH })
	@Hazard("C4")
	void olderCopyIsRefused(String copy, String whenCopied, String end, String names) throws Exception {
		Path older = Files.createDirectory(this.directory.resolve("older"));
		try (Application app = app()) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO t(v) VALUES('older')");
			app.sync();
			if (whenCopied.equals("running")) {
				copy("cp -p", names, data(), older);
				newer(app);
			}
		}
		if (whenCopied.equals("stopped")) {
			copy("cp -p", names, data(), older);
			try (Application app = app()) {
				newer(app);
			}
		}
		end(end);
		Path newest = Files.createDirectory(this.directory.resolve("newest"));
		copy("cp -p", BOTH, data(), newest);
		copy(copy, names, older, data());
		requireRefusal();
		requireRefusal();
		try (Application app = app()) {
			app.execute("INSERT INTO t(v) VALUES('commits do not make it newer')");
			awaitRefusal(app);
		}
		Files.deleteIfExists(data().resolve("app.db-shm"));
		copy("cp", BOTH, newest, data());
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.query("SELECT count(*) FROM t WHERE v = 'newer'")).isEqualTo(3);
		}
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).as("it is as it was").isZero();
		}
	}

	@Test
	void olderCopyIsTakenIfItIsWanted() throws Exception {
		olderCopyInPlace();
		try (Application app = app(MismatchAction.RESYNC)) {
			app.requireReplicaEqual();
			assertThat(app.query("SELECT count(*) FROM t WHERE v = 'newer'")).isZero();
			assertThat(app.status().counters().resyncsByReason()).containsOnlyKeys(ResyncReason.DATABASE_REPLACED);
		}
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).isZero();
		}
	}

	/** Its first commits start the WAL anew, as often as it was before. */
	@Test
	void commitsOfTheApplicationBeforeTheStartDoNotHideIt() throws Exception {
		olderCopyInPlace();
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(data().resolve("app.db")).build(),
					new FileReplicaClient(this.directory.resolve("replica")))
			.build();
		engine.restore();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data().resolve("app.db"))) {
			for (int i = 0; i < 3; i++) {
				Application.execute(connection, "PRAGMA wal_checkpoint(RESTART)", "INSERT INTO t(v) VALUES('early')");
			}
			engine.start();
			await().atMost(Application.LONG)
				.until(() -> engine.databases().get(0).status().state() == ReplicationState.FAILED);
		}
		finally {
			engine.close();
		}
	}

	/** What is refused for its WAL is not taken because that is moved away then. */
	@Test
	void olderCopyIsRefusedWithoutItsWalToo() throws Exception {
		olderCopyInPlace();
		requireRefusal();
		Files.delete(data().resolve("app.db-wal"));
		Files.deleteIfExists(data().resolve("app.db-shm"));
		requireRefusal();
	}

	private void olderCopyInPlace() throws Exception {
		Path older = Files.createDirectory(this.directory.resolve("older"));
		try (Application app = app()) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO t(v) VALUES('older')");
			app.sync();
			copy("cp -p", BOTH, data(), older);
			newer(app);
		}
		copy("cp", BOTH, older, data());
	}

	private void newer(Application app) throws Exception {
		for (int i = 0; i < 3; i++) {
			app.execute("INSERT INTO t(v) VALUES('newer')");
			app.sync();
		}
	}

	/** How the application ended, as far as it can be seen afterwards. */
	private void end(String end) throws Exception {
		Path identity = data().resolve(".app.db-litestream").resolve("identity");
		String text = Files.readString(identity);
		if (end.equals("killed")) {
			text = text.replaceAll("closed=.*\n", "");
		}
		else if (end.equals("rebooted")) {
			text = text.replaceAll("boot=.*", "boot=another");
		}
		Files.writeString(identity, text);
	}

	private void requireRefusal() throws Exception {
		try (Application app = app()) {
			awaitRefusal(app);
		}
	}

	private void awaitRefusal(Application app) {
		await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
		assertThat(app.status().lastError()).contains("older")
			.contains("-wal")
			.contains("Either restore")
			.contains("replica.on-mismatch=resync");
		assertThat(app.status().counters().objects()).as("nothing is shipped").isZero();
	}

	private Application app() throws Exception {
		return app(MismatchAction.FAIL);
	}

	private Application app(MismatchAction action) throws Exception {
		return new Application(this.directory, (o) -> o.restoreOnStartup(RestoreOnStartup.NEVER).onMismatch(action));
	}

	private Path data() {
		return this.directory.resolve("data");
	}

	/** By another process: a copy made by this one would drop SQLite's locks. */
	private static void copy(String command, String names, Path from, Path to) throws Exception {
		for (String name : names.split(" ")) {
			if (Files.exists(from.resolve(name))) {
				ChildProcess.output(Application.LONG,
						List.of("sh", "-c", command + " '" + from.resolve(name) + "' '" + to.resolve(name) + "'"));
			}
		}
	}

}
