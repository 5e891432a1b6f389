package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.litestream.DatabaseInUseException;
import dev.litestream.DatabaseOptions;
import dev.litestream.IntegrityCheck;
import dev.litestream.LitestreamException;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestoreOnStartup;
import dev.litestream.RestoreResult;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.sqlite.Collation;
import org.sqlite.Function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an application finds before it opens its database.
 */
class StartupRestoreTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@EnumSource(value = RestoreOnStartup.class, mode = EnumSource.Mode.EXCLUDE, names = "REQUIRED")
	void directoryOfTheDatabaseExistsWithoutABackup(RestoreOnStartup mode) throws Exception {
		Path path = this.directory.resolve("a/b/app.db");
		restore(path, mode);
		DriverManager.getConnection("jdbc:sqlite:" + path).close();
	}

	@ParameterizedTest
	@EnumSource(RestoreOnStartup.class)
	void directoryOfTheDatabaseExistsWithABackup(RestoreOnStartup mode) throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(a)");
			app.sync();
		}
		Path path = this.directory.resolve("a/b/app.db");
		restore(path, mode);
		assertThat(path.getParent()).isDirectory();
		assertThat(Files.exists(path)).isEqualTo(mode != RestoreOnStartup.NEVER);
	}

	@Test
	void startWithoutABackupIsRefusedWhereOneIsRequired() throws Exception {
		Path path = this.directory.resolve("app.db");
		assertThatExceptionOfType(RestoreFailedException.class)
			.isThrownBy(() -> restore(path, RestoreOnStartup.REQUIRED))
			.withMessageContaining("holds no backup")
			.withMessageContaining("litestream.restore.on-startup=required");
		assertThat(path).doesNotExist();
		DriverManager.getConnection("jdbc:sqlite:" + path).close();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			connection.createStatement().execute("CREATE TABLE t(a)");
		}
		restore(path, RestoreOnStartup.REQUIRED);
	}

	@Test
	void databaseAndReplicaThatAreBothNewAreWarnedOf() throws Exception {
		Path path = this.directory.resolve("app.db");
		assertThat(warnings(() -> restore(path, RestoreOnStartup.IF_MISSING))).singleElement()
			.asString()
			.contains("new replica, new database", path.toString(), "litestream.restore.on-startup=required");
		Files.createFile(path);
		assertThat(warnings(() -> restore(path, RestoreOnStartup.IF_MISSING))).isEmpty();
		assertThat(warnings(() -> restore(path, RestoreOnStartup.NEVER))).isEmpty();
	}

	private static List<String> warnings(Runnable start) {
		Logger logger = (Logger) LoggerFactory.getLogger(StartupRestore.class);
		ListAppender<ILoggingEvent> lines = new ListAppender<>();
		lines.start();
		logger.addAppender(lines);
		try {
			start.run();
		}
		finally {
			logger.detachAppender(lines);
		}
		return lines.list.stream()
			.filter((line) -> line.getLevel() == Level.WARN)
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	@Test
	void directoryThatCannotBeCreatedStopsTheStart() throws Exception {
		Path file = Files.createFile(this.directory.resolve("file"));
		assertThatExceptionOfType(LitestreamException.class)
			.isThrownBy(() -> restore(file.resolve("app.db"), RestoreOnStartup.NEVER))
			.withMessageContaining(file.toString())
			.withMessageContaining("dbs[].path");
	}

	/** Only the application has its collations, and it is not there yet. */
	@ParameterizedTest
	@EnumSource(IntegrityCheck.class)
	void whatOnlyTheApplicationDefinesDoesNotStopTheStart(IntegrityCheck check) throws Exception {
		try (Application app = new Application(this.directory)) {
			Collation.create(app.connection, "mine", new Collation() {

				@Override
				protected int xCompare(String a, String b) {
					return a.compareTo(b);
				}

			});
			app.execute("CREATE TABLE c(v COLLATE mine)", "CREATE INDEX ci ON c(v)", "INSERT INTO c VALUES('a')");
			app.sync();
		}
		Path path = this.directory.resolve("restored/app.db");
		RestoreResult result = restore(path, RestoreOnStartup.IF_MISSING, check).get(0);
		assertThat(path).exists();
		assertThat(result.checked()).isEqualTo(IntegrityCheck.NONE);
		if (check == IntegrityCheck.NONE) {
			assertThat(result.notCheckable()).isNull();
		}
		else {
			assertThat(result.notCheckable()).contains("mine");
		}
	}

	@Test
	void checkThatNeedsNoFunctionOfTheApplicationIsRunInsteadOfTheFullOne() throws Exception {
		try (Application app = new Application(this.directory)) {
			Function.create(app.connection, "twice", new Function() {

				@Override
				protected void xFunc() throws SQLException {
					result(2 * value_int(0));
				}

			}, 1, Function.FLAG_DETERMINISTIC);
			app.execute("CREATE TABLE t(v)", "CREATE INDEX i ON t(twice(v))", "INSERT INTO t VALUES(1)");
			app.sync();
		}
		Path path = this.directory.resolve("restored/app.db");
		RestoreResult result = restore(path, RestoreOnStartup.IF_MISSING, IntegrityCheck.FULL).get(0);
		assertThat(path).exists();
		assertThat(result.checked()).isEqualTo(IntegrityCheck.QUICK);
		assertThat(result.notCheckable()).contains("twice");
	}

	@ParameterizedTest
	@EnumSource(RestoreOnStartup.class)
	void aSecondStartTouchesNothingOfARunningApplication(RestoreOnStartup mode) throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			app.sync();
			Path meta = app.path().resolveSibling(".app.db-litestream");
			Map<Path, Object> before = files(app);
			assertThat(before.keySet()).anyMatch((file) -> file.startsWith(app.spool()));
			assertThatExceptionOfType(DatabaseInUseException.class).isThrownBy(() -> restore(app.path(), mode))
				.withMessageContaining(meta.toString());
			assertThat(files(app)).isEqualTo(before);
			app.execute("INSERT INTO t VALUES(2)");
			app.requireReplicaEqual();
		}
	}

	/** The database and its spool, and what tells each file from another of its name. */
	private static Map<Path, Object> files(Application app) throws IOException {
		Map<Path, Object> files = new TreeMap<>();
		for (Path directory : List.of(app.path().getParent(), app.spool())) {
			try (Stream<Path> paths = Files.list(directory)) {
				for (Path path : paths.filter(Files::isRegularFile).toList()) {
					files.put(path, Files.getAttribute(path, "unix:ino"));
				}
			}
		}
		return files;
	}

	@Test
	void aRestoreThatFailsGivesTheDatabaseBack() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
		}
		Path path = this.directory.resolve("registered.db");
		Path replica = this.directory.resolve("replica");
		Path away = this.directory.resolve("away");
		DatabaseOptions options = DatabaseOptions.of(path).build();
		try (LitestreamEngine engine = LitestreamEngine.builder().build()) {
			Files.move(replica, away);
			Files.createFile(replica);
			assertThatExceptionOfType(LitestreamException.class)
				.isThrownBy(() -> engine.register(options, new FileReplicaClient(replica)))
				.withMessageContaining("could not be restored");
			Files.delete(replica);
			Files.move(away, replica);
			assertThat(engine.register(options, new FileReplicaClient(replica)).startupRestore()).isNotNull();
		}
	}

	private void restore(Path path, RestoreOnStartup mode) {
		restore(path, mode, IntegrityCheck.QUICK);
	}

	private List<RestoreResult> restore(Path path, RestoreOnStartup mode, IntegrityCheck check) {
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).restoreOnStartup(mode).integrityCheck(check).build(),
					new FileReplicaClient(this.directory.resolve("replica")))
			.build();
		try {
			return engine.restore();
		}
		finally {
			engine.close();
		}
	}

}
