package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A database whose name leads elsewhere. SQLite keeps {@code -wal} and {@code -shm}
 * beside the file itself, whatever names it was opened by.
 */
class LinkedDatabaseTests {

	@TempDir
	Path directory;

	private Path volume() throws IOException {
		return Files.createDirectories(this.directory.resolve("volume"));
	}

	/** The name that {@link Application} opens. */
	private Path name() throws IOException {
		return Files.createDirectories(this.directory.resolve("data")).resolve("app.db");
	}

	private static void createDatabase(Path path) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
			Application.execute(connection, "CREATE TABLE before(v)", "INSERT INTO before VALUES(1)");
		}
	}

	@Test
	void aFileBehindALinkIsReplicated() throws Exception {
		Path file = volume().resolve("app.db");
		createDatabase(file);
		Files.createSymbolicLink(name(), file);
		replicatedAsUsual(file);
		assertThat(name()).isSymbolicLink();
		assertThat(volume().resolve(".app.db-litestream")).isDirectory();
		assertThat(this.directory.resolve("data").resolve(".app.db-litestream")).doesNotExist();
	}

	@Test
	void aFileBehindRelativeLinksIsReplicated() throws Exception {
		Path file = volume().resolve("app.db");
		createDatabase(file);
		Files.createSymbolicLink(this.directory.resolve("first.db"), Path.of("volume/./app.db"));
		Files.createSymbolicLink(name(), Path.of("../first.db"));
		replicatedAsUsual(file);
	}

	@Test
	void aLinkThatLeadsNowhereYetIsCreatedThrough() throws Exception {
		Path file = volume().resolve("app.db");
		Files.createSymbolicLink(name(), file);
		replicatedAsUsual(file);
		assertThat(name()).isSymbolicLink();
	}

	@Test
	void aBackupIsRestoredThroughALink() throws Exception {
		Path file = volume().resolve("app.db");
		Files.createSymbolicLink(name(), file);
		replicatedAsUsual(file);
		try (var files = Files.list(volume())) {
			for (Path each : files.filter(Files::isRegularFile).toList()) {
				Files.delete(each);
			}
		}
		try (Application app = new Application(this.directory)) {
			assertThat(app.query("SELECT count(*) FROM t")).isEqualTo(20);
			assertThat(file).isRegularFile();
			assertThat(name()).isSymbolicLink();
			app.requireReplicaEqual();
		}
	}

	@Test
	void aDirectoryBehindALinkAndTheWayBackFromThere() throws Exception {
		Path releases = Files.createDirectories(volume().resolve("releases").resolve("7"));
		Path file = volume().resolve("releases").resolve("app.db");
		Files.createSymbolicLink(this.directory.resolve("current"), releases);
		// To the system, and to SQLite, that is not app.db beside the link.
		Path written = this.directory.resolve("current").resolve("..").resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + written);
				LitestreamEngine engine = engine(DatabaseOptions.of(written).build())) {
			engine.databases().get(0).prepare(connection);
			engine.start();
			Application.execute(connection, "CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
			assertThat(file).isRegularFile();
			assertThat(engine.database(file)).isNotNull();
			assertThat(this.directory.resolve("app.db")).doesNotExist();
		}
	}

	@Test
	void aLinkThatIsChangedWhileItIsOpenIsAnAlarm() throws Exception {
		Path file = volume().resolve("app.db");
		Path other = volume().resolve("other.db");
		createDatabase(file);
		createDatabase(other);
		Files.createSymbolicLink(name(), file);
		try (Application app = new Application(this.directory)) {
			app.sync();
			Files.delete(name());
			Files.createSymbolicLink(name(), other);
			assertThatExceptionOfType(LitestreamException.class)
				.isThrownBy(() -> app.database().sync(Duration.ofSeconds(5)))
				.withMessageContaining("was moved or replaced while the application has it open");
			Files.delete(name());
			Files.createSymbolicLink(name(), file);
		}
	}

	@Test
	void twoNamesOfOneFileAreNotTwoDatabases() throws Exception {
		Path file = volume().resolve("app.db");
		createDatabase(file);
		Path second = Files.createLink(volume().resolve("second.db"), file);
		assertThatExceptionOfType(LitestreamException.class)
			.isThrownBy(() -> LitestreamEngine.builder()
				.database(DatabaseOptions.of(file).build(), new FileReplicaClient(this.directory.resolve("one")))
				.database(DatabaseOptions.of(second).build(), new FileReplicaClient(this.directory.resolve("two")))
				.build())
			.withMessageContaining(file.toString())
			.withMessageContaining("another name (a hard link)");
	}

	@Test
	void aFileNameThatLooksLikeAUrl() throws Exception {
		Path file = volume().resolve("50% a#b?c=d.db");
		String url = "jdbc:sqlite:file:" + file.toUri().getRawPath();
		try (Connection connection = DriverManager.getConnection(url);
				LitestreamEngine engine = engine(DatabaseOptions.of(file).build())) {
			Application.execute(connection, "CREATE TABLE t(v)", "INSERT INTO t VALUES(1)");
			engine.start();
			engine.databases().get(0).prepare(connection);
			assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			Application.requireEqual(this.directory, this.directory.resolve("replica"), connection);
		}
	}

	private LitestreamEngine engine(DatabaseOptions options) {
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(options, new FileReplicaClient(this.directory.resolve("replica")))
			.build();
		engine.restore();
		return engine;
	}

	/** Starts, commits, checkpoints, stops; twice. */
	private void replicatedAsUsual(Path file) throws Exception {
		Path wal = file.resolveSibling(file.getFileName() + "-wal");
		try (Application app = new Application(this.directory, (o) -> o.minCheckpointPages(10))) {
			app.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			for (int i = 0; i < 20; i++) {
				app.execute("INSERT INTO t(v) VALUES(randomblob(9000))");
			}
			app.requireReplicaEqual();
			assertThat(wal).isNotEmptyFile();
			assertThat(Files.size(wal)).isLessThan(4 << 20);
			assertThat(engine(app, file)).isTrue();
		}
		try (Application app = new Application(this.directory)) {
			app.requireReplicaEqual();
			assertThat(app.query("SELECT count(*) FROM t")).isEqualTo(20);
			assertThat(app.status().counters().resyncs()).as("the WAL was found again").isZero();
		}
	}

	private static boolean engine(Application app, Path file) {
		return app.engine.database(file) == app.database() && app.engine.database(app.path()) == app.database();
	}

}
