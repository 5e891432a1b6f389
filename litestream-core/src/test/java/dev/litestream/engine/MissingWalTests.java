package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.litestream.DatabaseOptions;
import dev.litestream.MismatchAction;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreOnStartup;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A database file without its WAL lacks the commits that were only there. No counter
 * tells: commits that change rows in place do not touch the first page. What is in order
 * looks similar: whoever closes a database last writes the WAL to the file, and deletes
 * it.
 */
@Timeout(120)
class MissingWalTests {

	private static final String NEWER = "UPDATE t SET v = 'newer' WHERE id % 20 = 0";

	@TempDir
	Path directory;

	@BeforeEach
	void rows() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, w BLOB)",
					"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 200) "
							+ "INSERT INTO t(v, w) SELECT 'older', randomblob(1000) FROM c");
			app.sync();
		}
	}

	@Test
	@Hazard("C4")
	void walThatWasDeletedAfterAKillIsMissed() throws Exception {
		killed(NEWER);
		deleteWal();
		requireRefusal();
		requireRefusal();
	}

	/** The backup is not known to be good before the database has been judged. */
	@Test
	void replicationIsNotSaidToHaveStartedBeforeTheDatabaseIsJudged() throws Exception {
		killed(NEWER);
		deleteWal();
		List<ReplicationEvent> events = new CopyOnWriteArrayList<>();
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path()).restoreOnStartup(RestoreOnStartup.NEVER).build(),
					new FileReplicaClient(this.directory.resolve("replica")))
			.listener(events::add)
			.build()) {
			engine.start();
			await().atMost(Application.LONG)
				.until(() -> engine.databases().get(0).status().state() == ReplicationState.FAILED);
		}
		assertThat(events).noneMatch(ReplicationEvent.ReplicationStarted.class::isInstance);
	}

	/** They make a new WAL, and pages of their own. */
	@Test
	void commitsOfTheApplicationBeforeTheStartDoNotHideIt() throws Exception {
		killed(NEWER);
		deleteWal();
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path()).build(), new FileReplicaClient(this.directory.resolve("replica")))
			.build();
		engine.restore();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			Application.execute(connection, "UPDATE t SET v = 'early' WHERE id % 20 = 0");
			engine.start();
			await().atMost(Application.LONG)
				.until(() -> engine.databases().get(0).status().state() == ReplicationState.FAILED);
		}
		finally {
			engine.close();
		}
	}

	/** Nothing tells whose file it is, or when the process ended. */
	@Test
	@Hazard("C4")
	void fileThatWasCopiedAloneIsMissed() throws Exception {
		killed(NEWER);
		deleteWal();
		shell("rm -r '" + path().resolveSibling(".app.db-litestream") + "'");
		requireRefusal();
		requireRefusal();
	}

	@ParameterizedTest
	@ValueSource(strings = { "cp", "cp -p", "cp --remove-destination" })
	@Hazard("C4")
	void olderCopyWithoutAWalIsMissed(String copy) throws Exception {
		Path older = this.directory.resolve("older.db");
		shell("cp -p '" + path() + "' '" + older + "'");
		try (Application app = app()) {
			app.execute(NEWER);
			app.sync();
		}
		shell(copy + " '" + older + "' '" + path() + "'");
		deleteWal();
		requireRefusal();
		requireRefusal();
	}

	/** They raise the counters, and change the pages that told. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Hazard("C4")
	void commitsAfterARefusalDoNotMakeTheFileAcceptable(boolean copiedAlone) throws Exception {
		killed(NEWER);
		deleteWal();
		if (copiedAlone) {
			shell("rm -r '" + path().resolveSibling(".app.db-litestream") + "'");
		}
		for (int i = 0; i < 2; i++) {
			try (Application app = app()) {
				await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
				app.execute("CREATE TABLE later" + i + "(v)", "UPDATE t SET v = v || 'x'",
						"INSERT INTO t(v, w) SELECT v, w FROM t", "PRAGMA wal_checkpoint(TRUNCATE)");
			}
		}
		sql("VACUUM");
		try (Application app = app()) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().counters().objects()).as("nothing is shipped").isZero();
			assertThat(app.status().lastError()).contains("replica.on-mismatch=resync");
		}
		requireCuredByARestore();
	}

	@Test
	void refusalIsForgottenWhenTheOperatorDecides() throws Exception {
		killed(NEWER);
		deleteWal();
		requireRefusal();
		try (Application app = new Application(this.directory,
				(o) -> o.restoreOnStartup(RestoreOnStartup.NEVER).onMismatch(MismatchAction.RESYNC))) {
			app.requireReplicaEqual();
		}
		sql("UPDATE t SET v = 'after it' WHERE id = 7");
		try (Application app = app()) {
			app.requireReplicaEqual();
		}
	}

	private void requireCuredByARestore() throws Exception {
		Files.delete(path());
		deleteWal();
		try (Application app = new Application(this.directory)) {
			app.requireReplicaEqual();
			assertThat(app.query("SELECT count(*) = 10 FROM t WHERE v = 'newer'")).isOne();
		}
		requireTaken("SELECT count(*) = 10 FROM t WHERE v = 'newer'", 0);
	}

	@Test
	void walThatAnotherProcessHasCheckpointedIsNotMissed() throws Exception {
		killed(NEWER);
		sql("SELECT count(*) FROM t");
		requireTaken("SELECT count(*) = 10 FROM t WHERE v = 'newer'");
	}

	/** Even if its first commit brings a page back to what it was. */
	@Test
	void walThatAnotherProcessHasCheckpointedIsNotMissedWhateverFollows() throws Exception {
		killed("UPDATE t SET v = 'newer' WHERE id = 1");
		sql("SELECT count(*) FROM t");
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path()).build(), new FileReplicaClient(this.directory.resolve("replica")))
			.build();
		engine.restore();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
			Application.execute(connection, "UPDATE t SET v = 'older' WHERE id = 1", "PRAGMA wal_checkpoint(TRUNCATE)");
			engine.start();
			assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
		}
		finally {
			engine.close();
		}
	}

	@Test
	void whatAnotherProcessHasWrittenIsNotTakenForOlder() throws Exception {
		killed(NEWER);
		sql("UPDATE t SET v = 'repaired' WHERE id % 20 = 0 OR id % 30 = 0");
		requireTaken("SELECT count(*) = 13 FROM t WHERE v = 'repaired'");
	}

	@Test
	void fileThatIsWholeIsNotMissedForLackOfAWal() throws Exception {
		try (Application app = app()) {
			app.execute(NEWER);
			app.sync();
		}
		deleteWal();
		requireTaken("SELECT count(*) = 10 FROM t WHERE v = 'newer'");
	}

	/** Nothing tells for sure, but the operator hears of it. */
	@Test
	void whatAnotherProcessHasWrittenToAFileWithoutItsWalIsToldOf() throws Exception {
		killed(NEWER);
		deleteWal();
		sql("CREATE TABLE other(v)");
		assertThat(warnings(() -> requireTaken("SELECT count(*) = 0 FROM t WHERE v = 'newer'")))
			.anySatisfy((message) -> assertThat(message).contains("may lack commits").contains("litestream restore"))
			.anySatisfy((message) -> assertThat(message).contains("Another program has written to"));
	}

	/** Nor can it be told here, although nothing is missing. */
	@Test
	void whatAnotherProcessHasWrittenToTheNewestPagesIsToldOf() throws Exception {
		killed(NEWER);
		sql("SELECT count(*) FROM t");
		assertThat(warnings(() -> requireTaken("SELECT count(*) = 10 FROM t WHERE v = 'newer'"))).isEmpty();
		killed("UPDATE t SET v = 'newest' WHERE id % 20 = 0");
		sql("UPDATE t SET v = 'repaired' WHERE id % 20 = 0");
		assertThat(warnings(() -> requireTaken("SELECT count(*) = 10 FROM t WHERE v = 'repaired'"))).singleElement()
			.satisfies((message) -> assertThat(message).contains("Another program has written to"));
	}

	private List<String> warnings(Executable work) throws Exception {
		Logger logger = (Logger) LoggerFactory.getLogger("dev.litestream");
		ListAppender<ILoggingEvent> appender = new ListAppender<>();
		appender.start();
		logger.addAppender(appender);
		try {
			work.execute();
		}
		catch (Throwable ex) {
			throw new AssertionError(ex);
		}
		finally {
			logger.detachAppender(appender);
		}
		return List.copyOf(appender.list)
			.stream()
			.filter((event) -> event.getLevel() == Level.WARN)
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	private void requireTaken(String proof) throws Exception {
		requireTaken(proof, 1);
	}

	private void requireTaken(String proof, int resyncs) throws Exception {
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.query(proof)).isOne();
			assertThat(app.status().counters().resyncs()).isEqualTo(resyncs);
			app.execute("UPDATE t SET v = 'after it' WHERE id = 7");
			app.requireReplicaEqual();
		}
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).as("it is as it was").isZero();
		}
	}

	private void requireRefusal() throws Exception {
		try (Application app = app()) {
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains("older")
				.contains("-wal")
				.contains("Either restore")
				.contains("replica.on-mismatch=resync");
			assertThat(app.status().counters().objects()).as("nothing is shipped").isZero();
		}
	}

	private Application app() throws Exception {
		return new Application(this.directory, (o) -> o.restoreOnStartup(RestoreOnStartup.NEVER));
	}

	private void killed(String sql) throws Exception {
		Path log = Files.createTempFile(this.directory, "killed", ".log");
		try (ChildProcess child = ChildProcess.startJava(log, KilledApplication.class, this.directory.toString(),
				sql)) {
			await().atMost(Application.LONG)
				.until(() -> !child.isAlive() || child.log().contains(KilledApplication.READY));
			assertThat(child.isAlive()).as(child.log()).isTrue();
			child.kill();
		}
	}

	/** The last one closes the database, and the WAL is gone. */
	private void sql(String sql) throws Exception {
		try (ForeignProcess other = ForeignProcess.on(path())) {
			other.execute(sql);
		}
		assertThat(path().resolveSibling("app.db-wal")).doesNotExist();
	}

	private void deleteWal() throws Exception {
		Files.deleteIfExists(path().resolveSibling("app.db-wal"));
		Files.deleteIfExists(path().resolveSibling("app.db-shm"));
	}

	private Path path() {
		return this.directory.resolve("data").resolve("app.db");
	}

	/** By another process: a copy made by this one would drop SQLite's locks. */
	private static void shell(String command) throws Exception {
		ChildProcess.output(Application.LONG, List.of("sh", "-c", command));
	}

}
