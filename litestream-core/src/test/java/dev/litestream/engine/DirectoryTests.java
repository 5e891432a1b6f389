package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.DirectoryOptions;
import dev.litestream.LitestreamException;
import dev.litestream.MismatchAction;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.Hazard;
import dev.litestream.test.LockWatch;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * The databases of a directory: which files they are, and what happens as they come and
 * go.
 */
class DirectoryTests {

	private static final Duration TICK = Duration.ofMillis(20);

	@TempDir
	Path directory;

	private MismatchAction onMismatch = MismatchAction.FAIL;

	@Test
	void everyDatabaseGetsAReplicaPathOfItsOwn() throws Exception {
		create("a.db");
		create("tenants/b.db");
		create("tenants/deep/b.db");
		try (LitestreamEngine engine = engine("*.db", true, false)) {
			engine.restore();
			engine.start();
			assertThat(engine.databases()).extracting(ReplicatedDatabase::name)
				.containsExactly("a.db", "tenants/b.db", "tenants/deep/b.db");
			for (ReplicatedDatabase database : engine.databases()) {
				assertThat(database.sync(Application.LONG)).isTrue();
				requireReplicated(database.name());
			}
			assertThat(engine.database(data("tenants/b.db"))).isSameAs(engine.database("tenants/b.db"));
		}
	}

	@Test
	void onlyDatabasesAreFound() throws Exception {
		create("a.db");
		create("b.sqlite");
		create("below/c.db");
		create(".hidden/d.db");
		Files.writeString(data("text.db"), "SQLite format 3, but for the byte that ends it");
		Files.createFile(data("empty.db"));
		Files.createDirectory(data("directory.db"));
		Files.createSymbolicLink(data("link.db"), data("a.db"));
		for (String beside : List.of("-wal", "-shm", "-journal")) {
			Files.copy(data("b.sqlite"), data("x.db" + beside));
		}
		try (LitestreamEngine engine = engine("*.db*", false, false)) {
			engine.start();
			assertThat(engine.databases()).extracting(ReplicatedDatabase::name).containsExactly("a.db");
		}
		try (LitestreamEngine engine = engine("[^a-c].db", true, true)) {
			engine.start();
			assertThat(engine.databases()).isEmpty();
		}
	}

	@Test
	void nothingToReplicateStopsTheStartUnlessItIsWatched() throws Exception {
		Files.createDirectories(data(""));
		try (LitestreamEngine engine = engine("*.db", false, false)) {
			assertThatExceptionOfType(LitestreamException.class).isThrownBy(engine::restore)
				.withMessageContaining("No database in " + data(""))
				.withMessageContaining("dbs[].watch");
		}
		try (LitestreamEngine engine = engine("*.db", false, true)) {
			engine.restore();
			engine.start();
		}
	}

	@Test
	void patternThatIsNoneIsRefused() {
		for (String pattern : List.of("", "a/*.db", "[a")) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new DirectoryOptions(this.directory, pattern, false, false, TICK))
				.withMessageContaining("write one such as *.db");
		}
	}

	@Test
	void databasesThatAppearAreReplicated() throws Exception {
		Files.createDirectories(data(""));
		try (LitestreamEngine engine = engine("*.db", true, true)) {
			engine.restore();
			engine.start();
			try (Connection late = create("late.db"); Connection deep = create("new/deep.db")) {
				awaitNames(engine, "late.db", "new/deep.db");
				Application.execute(late, "INSERT INTO t VALUES('after it was found')");
				Application.execute(deep, "INSERT INTO t VALUES('after it was found')");
				for (ReplicatedDatabase database : engine.databases()) {
					assertThat(database.sync(Application.LONG)).isTrue();
				}
				Application.requireEqual(this.directory, replica("late.db"), late);
				Application.requireEqual(this.directory, replica("new/deep.db"), deep);
			}
			// A file is there before it is a database.
			Files.createFile(data("empty.db"));
			try (Connection connection = create("empty.db")) {
				awaitNames(engine, "empty.db", "late.db", "new/deep.db");
			}
		}
	}

	@Test
	void databaseThatVanishesEndsWithWhatWasSynced() throws Exception {
		try (Connection kept = create("kept.db"); LitestreamEngine engine = engine("*.db", true, true)) {
			try (Connection gone = create("below/gone.db")) {
				engine.restore();
				engine.start();
				assertThat(engine.databases()).hasSize(2);
				Application.execute(gone, "INSERT INTO t VALUES('synced')");
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			}
			ReplicationTests.deleteRecursively(data("below"));
			awaitNames(engine, "kept.db");
			requireReplicated("below/gone.db");
			Application.execute(kept, "INSERT INTO t VALUES('goes on')");
			assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			Application.requireEqual(this.directory, replica("kept.db"), kept);
		}
	}

	@Test
	@Hazard("G1")
	void vanishedDatabaseLeavesNoDescriptor() throws Exception {
		this.onMismatch = MismatchAction.RESYNC;
		Files.createDirectories(data(""));
		try (LitestreamEngine engine = engine("*.db", false, true)) {
			engine.restore();
			engine.start();
			for (int i = 0; i < 3; i++) {
				try (Connection connection = create("again.db")) {
					awaitNames(engine, "again.db");
					assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				}
				ReplicationTests.deleteRecursively(data("again.db"));
				Files.deleteIfExists(data("again.db-wal"));
				Files.deleteIfExists(data("again.db-shm"));
				awaitNames(engine);
				await().atMost(Application.LONG).until(() -> descriptors("again.db").isEmpty());
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	@Hazard("C4")
	void anotherFileOfTheSameNameIsAnotherDatabase(MismatchAction action) throws Exception {
		this.onMismatch = action;
		try (LitestreamEngine engine = engine("*.db", false, true)) {
			create("a.db").close();
			engine.restore();
			engine.start();
			ReplicatedDatabase first = engine.databases().get(0);
			assertThat(first.sync(Application.LONG)).isTrue();
			Path other = this.directory.resolve("other.db");
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + other)) {
				Application.execute(connection, "CREATE TABLE another(v)", "INSERT INTO another VALUES(1)");
			}
			Files.move(other, data("a.db"), StandardCopyOption.ATOMIC_MOVE);
			Files.deleteIfExists(data("a.db-wal"));
			Files.deleteIfExists(data("a.db-shm"));
			await().atMost(Application.LONG)
				.until(() -> engine.databases().size() == 1 && engine.databases().get(0) != first);
			ReplicatedDatabase second = engine.databases().get(0);
			if (action == MismatchAction.FAIL) {
				await().atMost(Application.LONG).until(() -> second.status().state() == ReplicationState.FAILED);
				assertThat(second.status().lastError()).contains("the continuation of what the replica holds");
				return;
			}
			assertThat(second.sync(Application.LONG)).isTrue();
			try (Connection connection = connect("a.db")) {
				Application.requireEqual(this.directory, replica("a.db"), connection);
			}
		}
	}

	/**
	 * The file system may give both the same inode: that the first one was deleted has
	 * been seen.
	 */
	@ParameterizedTest
	@EnumSource
	@Hazard("C4")
	void databaseCreatedAnewUnderTheNameOfADeletedOneIsAnotherDatabase(MismatchAction action) throws Exception {
		this.onMismatch = action;
		try (LitestreamEngine engine = engine("*.db", false, true)) {
			create("a.db").close();
			engine.restore();
			engine.start();
			assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			for (String name : List.of("a.db", "a.db-wal", "a.db-shm")) {
				Files.deleteIfExists(data(name));
			}
			awaitNames(engine);
			try (Connection connection = connect("a.db")) {
				Application.execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE t(v)",
						"INSERT INTO t VALUES('new')");
				awaitNames(engine, "a.db");
				ReplicatedDatabase second = engine.databases().get(0);
				if (action == MismatchAction.FAIL) {
					await().atMost(Application.LONG).until(() -> second.status().state() == ReplicationState.FAILED);
					assertThat(second.status().lastError()).contains("the continuation of what the replica holds")
						.contains("replica.on-mismatch=resync");
					Path kept = this.directory.resolve("kept.db");
					Oracle.restore("file://" + replica("a.db"), kept);
					try (Connection restored = DriverManager.getConnection("jdbc:sqlite:" + kept);
							ResultSet row = restored.createStatement().executeQuery("SELECT v FROM t")) {
						assertThat(row.next()).isTrue();
						assertThat(row.getString(1)).as("the deleted database's").isEqualTo("a.db");
					}
					return;
				}
				assertThat(second.sync(Application.LONG)).isTrue();
				Application.requireEqual(this.directory, replica("a.db"), connection);
			}
		}
	}

	@Test
	@Hazard("C10")
	void databaseThatWasAwayForATimeGoesOn() throws Exception {
		try (LitestreamEngine engine = engine("*.db", false, true)) {
			create("a.db").close();
			engine.restore();
			engine.start();
			assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
			Path away = Files.createDirectories(this.directory.resolve("away"));
			for (String name : List.of("a.db", "a.db-wal")) {
				Files.move(data(name), away.resolve(name));
			}
			awaitNames(engine);
			for (String name : List.of("a.db-wal", "a.db")) {
				Files.move(away.resolve(name), data(name), StandardCopyOption.REPLACE_EXISTING);
			}
			awaitNames(engine, "a.db");
			try (Connection connection = connect("a.db")) {
				Application.execute(connection, "INSERT INTO t VALUES('back')");
				assertThat(engine.databases().get(0).sync(Application.LONG)).isTrue();
				Application.requireEqual(this.directory, replica("a.db"), connection);
			}
		}
	}

	/** The header is looked at while the application has the database open. */
	@Test
	@Hazard("G1")
	void lookingForDatabasesDropsNoLocks() throws Exception {
		try (Connection connection = create("a.db"); ForeignProcess foreign = ForeignProcess.on(data("a.db"))) {
			foreign.execute("PRAGMA busy_timeout=20");
			LockWatch locks = LockWatch.of(data("a.db"));
			Application.execute(connection, "BEGIN", "SELECT * FROM t");
			assertThat(locks.isIntact()).isTrue();
			LitestreamEngine engine = engine("*", true, true);
			for (int i = 0; i < 3; i++) {
				new DirectoryDatabases(new DirectoryOptions(data(""), "*", true, true, TICK), found(), engine,
						new dev.litestream.threads.Workers())
					.find();
				assertThat(locks.isIntact()).as("locks after the database was found").isTrue();
				engine.unregister("a.db", Duration.ZERO);
				assertThat(locks.isIntact()).as("locks after it was unregistered").isTrue();
			}
			engine.close();
			assertThat(locks.isIntact()).isTrue();
			Application.execute(connection, "COMMIT");
		}
	}

	@Test
	void directoryThatCannotBeReadIsNotAnEmptyOne() throws Exception {
		create("below/a.db");
		try (LitestreamEngine engine = engine("*.db", true, true)) {
			engine.restore();
			engine.start();
			DirectoryListing listing = new DirectoryListing(new DirectoryOptions(data(""), "*.db", true, true, TICK),
					() -> 0, System::nanoTime);
			assertThat(listing.refresh()).isTrue();
			assertThat(listing.files()).containsExactly(data("below/a.db"));
			Path away = this.directory.resolve("away");
			Files.move(data(""), away);
			// Reading it fails in another way than by its absence.
			Files.createSymbolicLink(data(""), data(""));
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
				listing.refresh();
			});
			assertThat(listing.files()).containsExactly(data("below/a.db"));
			assertThat(engine.databases()).hasSize(1);
			Files.delete(data(""));
			Files.move(away, data(""));
		}
	}

	private LitestreamEngine engine(String pattern, boolean recursive, boolean watch) {
		return LitestreamEngine.builder()
			.directory(new DirectoryOptions(data(""), pattern, recursive, watch, TICK), found())
			.build();
	}

	private FoundDatabases found() {
		return new FoundDatabases() {

			@Override
			public DatabaseOptions options(Path file, Path relative) {
				return DatabaseOptions.of(file)
					.name(relative.toString())
					.onMismatch(DirectoryTests.this.onMismatch)
					.syncInterval(TICK)
					.shutdownSyncTimeout(Duration.ofSeconds(10))
					.build();
			}

			@Override
			public ReplicaClient client(Path relative) {
				return new FileReplicaClient(replica(relative.toString()));
			}

		};
	}

	private static void awaitNames(LitestreamEngine engine, String... names) {
		await().atMost(Application.LONG)
			.untilAsserted(() -> assertThat(engine.databases()).extracting(ReplicatedDatabase::name)
				.containsExactlyInAnyOrder(names));
	}

	private Path data(String name) {
		return this.directory.resolve("data").resolve(name).normalize();
	}

	private Path replica(String name) {
		return this.directory.resolve("replica").resolve(name);
	}

	private Connection create(String name) throws SQLException, IOException {
		Files.createDirectories(data(name).getParent());
		Connection connection = connect(name);
		Application.execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE IF NOT EXISTS t(v)",
				"INSERT INTO t VALUES('" + name + "')");
		return connection;
	}

	private Connection connect(String name) throws SQLException {
		return DriverManager.getConnection("jdbc:sqlite:" + data(name));
	}

	private void requireReplicated(String name) throws Exception {
		Path restored = this.directory.resolve("restored-" + System.nanoTime() + ".db");
		Oracle.restore("file://" + replica(name), restored);
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + restored);
				var statement = connection.createStatement();
				var result = statement.executeQuery("SELECT v FROM t")) {
			assertThat(result.next()).isTrue();
			assertThat(result.getString(1)).isEqualTo(name);
		}
	}

	private static List<String> descriptors(String name) throws IOException {
		try (var files = Files.list(Path.of("/proc/self/fd"))) {
			return files.map((file) -> {
				try {
					return Files.readSymbolicLink(file).toString();
				}
				catch (IOException ex) {
					return ""; // closed meanwhile
				}
			}).filter((target) -> target.contains("/" + name)).toList();
		}
	}

}
